//! What is told of an image and its layers.

use std::sync::Arc;

use super::{
    base::{self, Base, Basis},
    layer::Fault,
    limits::{Limit, Limits},
    spec::Spec,
};
use crate::model::{
    Reason, Unchecked,
    image::{ImageBase, ImageInfo, ImageLayer, LayerOrigin},
};

/// What is wrong with a layer, as something that was not looked at.
pub(super) fn fault_of_layer(at: usize, name: &str, fault: &Fault, limits: &Limits) -> Unchecked {
    let subject = if name.is_empty() { format!("layer {at}") } else { format!("layer {at} ({name})") };
    let (reason, detail) = match fault {
        Fault::Limit(Limit::Path) => (Reason::LimitReached, format!("{subject}: {}", Limit::Path.sentence(limits))),
        Fault::Limit(limit) => {
            (Reason::LimitReached, format!("{subject}: {}; what comes after that was not looked at", limit.sentence(limits)))
        }
        Fault::Missing(why) => (Reason::MissingEntry, format!("{subject}: {why}")),
        Fault::Damaged(why) => (Reason::NotUnderstood, format!("{subject}: {why}; what comes after that was not looked at")),
    };
    Unchecked { path: ".".to_owned(), line: None, subject, packages: 0, reason, detail }
}

/// What is known of an image.
pub(super) fn info(spec: &Spec, base: &Base) -> ImageInfo {
    let steps = base::of_layers(spec);
    // Where the history does not fit the layers, it says nothing about any of them.
    let steps = if steps.len() == spec.layers.len() { steps } else { Vec::new() };
    let layers = spec.layers.iter().enumerate().map(|(index, layer)| {
        let step = steps.get(index);
        let origin = match base.basis {
            Basis::Unknown => None,
            _ if index < base.layers => Some(LayerOrigin::Base),
            _ => Some(LayerOrigin::Application),
        };
        Arc::new(ImageLayer {
            index,
            digest: Some(layer.name.clone()),
            created_by: step.and_then(|step| step.created_by.clone()),
            created: step.and_then(|step| step.created),
            origin,
        })
    });
    ImageInfo {
        is_image: true,
        reference: spec.reference.clone(),
        platform: spec.platform.clone(),
        digest: spec.digest.clone(),
        created: spec.created,
        environment: spec.environment.clone(),
        layers: layers.collect(),
        base: (base.basis != Basis::Unknown).then(|| ImageBase {
            layers: base.layers,
            basis: base.basis.as_str(),
            is_inferred: base.basis.is_inferred(),
            name: base.name.clone(),
            digest: base.digest.clone(),
        }),
    }
}
