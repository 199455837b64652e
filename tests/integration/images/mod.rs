//! Container images: built here entry by entry, then read by the program in every form that tools write them in.

mod advisories;
mod attribution;
mod config;
mod content;
mod digests;
mod docker;
mod forms;
mod hostile;
mod image;
mod installed;
mod oci;
mod ownership;
mod packing;
mod platforms;
mod podman;
mod reading;
mod roots;
// Links are made by hand.
#[cfg(unix)]
mod stacks;
mod swollen;
mod tape;
mod unlooked_at;
mod well_formed;

pub(crate) use forms::an_archive;
