//! Archives that somebody made to be read wrongly: by hiding packages, by costing memory or time, by leading elsewhere.
//! Each is a named case with a snapshot. A new one is a line in the table of its file.

mod cases;
mod containers;
mod contents;
mod floods;
mod links;
mod names;
mod sizes;
