//! The wire format of what is known of an image.

use serde::Serialize;

use crate::{
    model::{ImageLayer, Timestamp, image::ImageInfo},
    report::{Report, images},
};

#[derive(Serialize)]
pub(super) struct ImageJson<'a> {
    reference: Option<&'a str>,
    platform: Option<&'a str>,
    created: Option<Timestamp>,
    /// In whole days, at the moment of judging.
    age_days: Option<i64>,
    base: Option<BaseJson<'a>>,
    /// How many findings a rebuild on the same base would clear; `null` where there is no date or no base.
    rebuild_clears: Option<usize>,
    layers: Vec<LayerJson<'a>>,
}

#[derive(Serialize)]
struct BaseJson<'a> {
    layers: usize,
    basis: &'static str,
    inferred: bool,
    name: Option<&'a str>,
    digest: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct LayerJson<'a> {
    index: usize,
    digest: Option<&'a str>,
    created_by: Option<&'a str>,
    created: Option<Timestamp>,
    origin: Option<&'static str>,
}

impl<'a> ImageJson<'a> {
    pub(super) fn new(report: &Report, target: usize, info: &'a ImageInfo) -> Self {
        Self {
            reference: info.reference.as_deref(),
            platform: info.platform.as_deref(),
            created: info.created,
            age_days: images::age_days(info, report.as_of),
            base: info.base.as_ref().map(|base| BaseJson {
                layers: base.layers,
                basis: base.basis,
                inferred: base.is_inferred,
                name: base.name.as_deref(),
                digest: base.digest.as_deref(),
            }),
            rebuild_clears: images::rebuild_clears(report, target),
            layers: info.layers.iter().map(|layer| LayerJson::from(&**layer)).collect(),
        }
    }
}

impl<'a> From<&'a ImageLayer> for LayerJson<'a> {
    fn from(layer: &'a ImageLayer) -> Self {
        let ImageLayer { index, digest, created_by, created, origin } = layer;
        let origin = origin.map(crate::model::LayerOrigin::as_str);
        Self { index: *index, digest: digest.as_deref(), created_by: created_by.as_deref(), created: *created, origin }
    }
}
