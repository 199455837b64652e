//! Runs a composite action step by step, as GitHub's runner does: inputs, contexts, conditions, outputs, files. Actions
//! that it uses are written down, not run.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use yaml_rust2::{Yaml, YamlLoader};

/// An action's file, parsed.
pub(crate) fn yaml(path: &Path) -> Yaml {
    let text = fs::read_to_string(path).expect("an action");
    YamlLoader::load_from_str(&text).expect("YAML").remove(0)
}

/// The pairs of a mapping, as text.
pub(crate) fn pairs(yaml: &Yaml) -> Vec<(String, String)> {
    let text = |value: &Yaml| match value {
        Yaml::String(text) | Yaml::Real(text) => text.clone(),
        Yaml::Boolean(value) => value.to_string(),
        Yaml::Integer(value) => value.to_string(),
        other => panic!("no text: {other:?}"),
    };
    yaml.as_hash().map(|hash| hash.iter().map(|(key, value)| (text(key), text(value))).collect()).unwrap_or_default()
}

/// What a run starts from.
pub(crate) struct Runner {
    /// The folder with `action.yml`.
    pub(crate) action: PathBuf,
    pub(crate) workspace: PathBuf,
    /// `inputs.name`, `github.event.x`, and what the steps add: `steps.id.outputs.name`.
    pub(crate) contexts: BTreeMap<String, String>,
    /// Variables of the process.
    pub(crate) environment: BTreeMap<String, String>,
    /// What actions answer: `cache-hit` of `actions/cache/restore`, say.
    pub(crate) answers: BTreeMap<&'static str, Vec<(&'static str, &'static str)>>,
    /// Actions that fail.
    pub(crate) failing: Vec<&'static str>,
    pub(crate) temporary: tempfile::TempDir,
}

/// What a run did.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Of the steps that were run: its name, and what it used with what.
    pub(crate) steps: Vec<String>,
    pub(crate) used: Vec<(String, BTreeMap<String, String>)>,
    pub(crate) log: String,
    pub(crate) summary: String,
    pub(crate) outputs: BTreeMap<String, String>,
    pub(crate) failed: bool,
    /// The runner's folder, for as long as somebody may look into it.
    pub(crate) temporary: Option<tempfile::TempDir>,
}

impl Outcome {
    /// The lines of the log in which the runner looks for commands.
    pub(crate) fn commands(&self) -> Vec<&str> {
        let (mut stopped, mut commands) = (None, Vec::new());
        for line in self.log.lines().map(str::trim_start) {
            match &stopped {
                Some(end) if line == *end => stopped = None,
                Some(_) => {}
                None => match line.strip_prefix("::stop-commands::") {
                    Some(token) => stopped = Some(format!("::{token}::")),
                    None => commands.push(line),
                },
            }
        }
        assert_eq!(stopped, None, "commands stay stopped");
        commands
    }
}

impl Runner {
    pub(crate) fn run(mut self) -> Outcome {
        let action = yaml(&self.action.join("action.yml"));
        for (name, input) in action["inputs"].as_hash().expect("inputs") {
            let (name, default) = (name.as_str().expect("a name"), input["default"].as_str().unwrap_or_default());
            self.contexts.entry(format!("inputs.{name}")).or_insert_with(|| default.to_owned());
        }
        let mut outcome = Outcome::default();
        for (at, step) in action["runs"]["steps"].as_vec().expect("steps").iter().enumerate() {
            self.step(at, step, &mut outcome);
        }
        for (name, output) in action["outputs"].as_hash().expect("outputs") {
            let value = self.filled(output["value"].as_str().expect("a value"));
            outcome.outputs.insert(name.as_str().expect("a name").to_owned(), value);
        }
        outcome.summary = fs::read_to_string(self.temporary.path().join("summary")).unwrap_or_default();
        outcome.temporary = Some(self.temporary);
        outcome
    }

    fn step(&mut self, at: usize, step: &Yaml, outcome: &mut Outcome) {
        let condition = step["if"].as_str().unwrap_or("success()");
        let says_when = ["success()", "failure()", "always()"].iter().any(|function| condition.contains(function));
        let whole = if says_when { condition.to_owned() } else { format!("success() && ({condition})") };
        if self.value(&whole, outcome.failed) != "true" {
            return;
        }
        let name = step["name"].as_str().expect("a name").to_owned();
        outcome.steps.push(name.clone());
        let id = step["id"].as_str().unwrap_or_default().to_owned();
        let success = if let Some(uses) = step["uses"].as_str() {
            let short = uses.split('@').next().unwrap_or_default().to_owned();
            let with = pairs(&step["with"]).into_iter().map(|(name, value)| (name, self.filled(&value))).collect();
            for (action, answers) in &self.answers {
                if short == *action {
                    self.contexts.extend(answers.iter().map(|(name, value)| (format!("steps.{id}.outputs.{name}"), (*value).to_owned())));
                }
            }
            let success = !self.failing.contains(&short.as_str());
            outcome.used.push((short, with));
            success
        } else {
            self.script(at, &id, step, outcome)
        };
        let word = if success { "success" } else { "failure" };
        self.contexts.insert(format!("steps.{id}.outcome"), word.to_owned());
        outcome.failed |= !success;
    }

    fn script(&mut self, at: usize, id: &str, step: &Yaml, outcome: &mut Outcome) -> bool {
        let script = step["run"].as_str().expect("a script");
        assert!(!script.contains("${{"), "a script with an expression in it: {script}");
        let outputs = self.temporary.path().join(format!("outputs-{at}"));
        fs::write(&outputs, "").expect("written");
        let mut command = Command::new("bash");
        command.env_clear().envs(&self.environment).current_dir(&self.workspace);
        command.env("GITHUB_ACTION_PATH", &self.action).env("GITHUB_OUTPUT", &outputs);
        command.env("GITHUB_STEP_SUMMARY", self.temporary.path().join("summary")).env("RUNNER_TEMP", self.temporary.path());
        for (name, value) in pairs(&step["env"]) {
            command.env(name, self.filled(&value));
        }
        // As the runner starts `shell: bash`.
        let done = command.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script]).output().expect("bash runs");
        outcome.log.push_str(&String::from_utf8_lossy(&done.stdout));
        outcome.log.push_str(&String::from_utf8_lossy(&done.stderr));
        for line in fs::read_to_string(&outputs).expect("outputs").lines() {
            let (name, value) = line.split_once('=').unwrap_or_else(|| panic!("no output: {line}"));
            self.contexts.insert(format!("steps.{id}.outputs.{name}"), value.to_owned());
        }
        done.status.success()
    }

    /// Text with its `${{ }}` replaced.
    fn filled(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${{") {
            let (expression, after) = after.split_once("}}").expect("an end");
            out.push_str(before);
            out.push_str(&self.value(expression, false));
            rest = after;
        }
        out + rest
    }

    /// The value of an expression: contexts, texts, `==`, `!=`, `&&`, `||`, status functions.
    fn value(&self, expression: &str, failed: bool) -> String {
        let expression = expression.trim();
        let bool_text = |value: bool| if value { "true" } else { "false" }.to_owned();
        if let Some((left, right)) = split(expression, "||") {
            return bool_text(self.value(left, failed) == "true" || self.value(right, failed) == "true");
        }
        if let Some((left, right)) = split(expression, "&&") {
            return bool_text(self.value(left, failed) == "true" && self.value(right, failed) == "true");
        }
        if let Some((left, right)) = split(expression, "==") {
            return bool_text(self.value(left, failed) == self.value(right, failed));
        }
        if let Some((left, right)) = split(expression, "!=") {
            return bool_text(self.value(left, failed) != self.value(right, failed));
        }
        match expression {
            "success()" => bool_text(!failed),
            "failure()" => bool_text(failed),
            "always()" => bool_text(true),
            _ if expression.starts_with('(') => self.value(&expression[1..expression.len() - 1], failed),
            _ if expression.starts_with('\'') => expression.trim_matches('\'').to_owned(),
            _ => {
                assert!(
                    expression.chars().all(|c| c.is_alphanumeric() || "._-".contains(c)),
                    "an expression that is not understood: {expression}"
                );
                self.contexts.get(expression).cloned().unwrap_or_default()
            }
        }
    }
}

/// Splits at an operator outside of parentheses.
fn split<'a>(text: &'a str, operator: &str) -> Option<(&'a str, &'a str)> {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ if depth == 0 && text[at..].starts_with(operator) => return Some((&text[..at], &text[at + operator.len()..])),
            _ => {}
        }
    }
    None
}
