//! `overdue db`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, builder::FalseyValueParser};

use super::value::duration;
use crate::{
    advisory::sync::Base,
    model::{Ecosystem, Timestamp},
};

/// `overdue db`.
#[derive(Debug, Subcommand)]
pub enum DbCommand {
    /// Build indexes from advisories on disk: an OSV export, a folder or zip of OSV records, the RustSec database
    Import {
        /// Folders, zips, tarballs, single records
        #[arg(value_name = "PATH", required = true)]
        paths: Vec<PathBuf>,
        /// Only these ecosystems, as crates.io or PyPI
        #[arg(long, value_name = "ECOSYSTEM")]
        ecosystem: Vec<String>,
    },
    /// Bring the indexes up to date from the public OSV export and the RustSec database, or from a mirror
    ///
    /// Asks only for what is new, and replaces each index in one step. Proxies are taken from `HTTPS_PROXY`,
    /// `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`.
    Update(UpdateArgs),
    /// Show what advisory data there is, and how old
    Status {
        /// table or json
        #[arg(long, value_name = "FORMAT", default_value = "table")]
        format: StatusFormat,
    },
    /// Read and check every byte of the indexes
    Verify,
    /// Write the snapshot of facts that the program embeds (for developers of overdue)
    Snapshot {
        /// Sources, as for import
        #[arg(value_name = "PATH", required = true)]
        paths: Vec<PathBuf>,
        /// The folder to write to
        #[arg(long, value_name = "DIR", default_value = "advisories-cache")]
        out: PathBuf,
        /// Dates after this moment are not believed [default: now]
        #[arg(long, value_name = "YYYY-MM-DD", value_parser = Timestamp::parse)]
        as_of: Option<Timestamp>,
    },
}

/// `overdue db update`.
#[derive(Debug, Args)]
pub struct UpdateArgs {
    /// A mirror of the OSV export, with `ECOSYSTEM/all.zip` below: http(s)://, file:// or a folder. The RustSec tarball is
    /// taken from its `advisory-db-main.tar.gz` if it is there
    #[arg(long, value_name = "URL|DIR", value_parser = Base::parse)]
    pub from: Option<Base>,
    /// The RustSec database's tarball, as URL or file; `none` leaves it out
    #[arg(long, value_name = "URL|FILE|none")]
    pub rustsec: Option<String>,
    /// CISA's catalogue of known exploited vulnerabilities, as URL or file; `none` leaves it out
    #[arg(long, value_name = "URL|FILE|none")]
    pub kev: Option<String>,
    /// FIRST's EPSS scores (`epss*.csv.gz`), as URL or file; `none` leaves them out
    #[arg(long, value_name = "URL|FILE|none")]
    pub epss: Option<String>,
    /// CVSS scores by CVE: a zip of CVE records (CVE JSON 5) or a feed of NVD, as URL or file; none by default. Repeat it
    /// for all that the scores are made of: they are replaced as a whole
    #[arg(long, value_name = "URL|FILE")]
    pub scores: Vec<String>,
    /// Update this ecosystem too, as Debian (repeatable) [default: those that have an index, else crates.io and PyPI]
    #[arg(long, value_name = "ECOSYSTEM", value_parser = Ecosystem::parse)]
    pub ecosystem: Vec<Ecosystem>,
    /// Leave alone what was checked within this time, as 24h
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub if_older: Option<i64>,
    /// Assert that no network is used: only a folder or file:// may be updated from
    #[arg(long, env = "OVERDUE_OFFLINE", value_parser = FalseyValueParser::new())]
    pub offline: bool,
}

/// Formats of `db status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StatusFormat {
    /// For people
    Table,
    /// For machines
    Json,
}
