//! The merged view of layers is what really unpacking them into a folder, in order, gives.

mod cases;
mod operation;
mod random;
mod unpacker;
