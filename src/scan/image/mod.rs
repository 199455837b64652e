//! Images and root filesystems: what of them is read, whose it is, and which layer brought it.

mod attribution;
mod installed;
mod interest;
mod open;
mod owners;
mod programs;
mod read;
mod rooms;
mod system;

pub(super) use attribution::attribute;
pub(super) use installed::settle_installed;
pub(super) use open::{Opened, Which, open};
pub(super) use read::read;
pub(super) use rooms::{Beyond, Rooms};
