//! The configuration of an image: what it runs on, its history, the digests of its layers.

use serde_json::{Value, json};

/// A line of an image's history that brought no layer.
const EMPTY: bool = true;

/// One line of an image's history.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) created: String,
    pub(crate) created_by: String,
    pub(crate) empty: bool,
}

impl Line {
    pub(crate) fn layer(created: &str, created_by: &str) -> Self {
        Self { created: created.to_owned(), created_by: created_by.to_owned(), empty: !EMPTY }
    }

    pub(crate) fn empty(created: &str, created_by: &str) -> Self {
        Self { created: created.to_owned(), created_by: created_by.to_owned(), empty: EMPTY }
    }
}

/// What a configuration says beside its layers.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) architecture: String,
    pub(crate) created: Option<String>,
    pub(crate) env: Vec<String>,
    pub(crate) labels: Vec<(String, String)>,
    /// `None` leaves it out, as some builders do.
    pub(crate) history: Option<Vec<Line>>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            architecture: "amd64".to_owned(),
            created: Some("2026-08-01T10:00:00Z".to_owned()),
            env: vec!["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned()],
            labels: Vec::new(),
            history: Some(Vec::new()),
        }
    }
}

impl Config {
    /// The configuration's bytes, for layers of these uncompressed digests.
    pub(crate) fn bytes(&self, diff_ids: &[String]) -> Vec<u8> {
        let labels: serde_json::Map<String, Value> = self.labels.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
        let mut config = json!({
            "architecture": self.architecture,
            "os": "linux",
            "config": {"Env": self.env, "Cmd": ["app"], "Labels": labels},
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
        });
        if let Some(created) = &self.created {
            config["created"] = json!(created);
        }
        if let Some(history) = &self.history {
            config["history"] = history.iter().map(line).collect();
        }
        config.to_string().into_bytes()
    }
}

fn line(line: &Line) -> Value {
    let mut value = json!({"created": line.created, "created_by": line.created_by});
    if line.empty {
        value["empty_layer"] = json!(true);
    }
    value
}
