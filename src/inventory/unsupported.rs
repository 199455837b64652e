//! Dependency files that we know by name and do not read. They are named as unchecked: silence would be "clean".

use super::{Above, Coverage, Extent, Extracted, Extractor, FileState, file_name, paths::ends_in};
use crate::model::Reason;

/// Every known format without a reader.
pub struct Unsupported;

/// File name, what it is, and the lockfiles beside or above it that speak for it.
type Row = (&'static str, &'static str, &'static [&'static str]);

const NPM_LOCKS: &[&str] = &["package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb"];

const BY_NAME: &[Row] = &[
    // Python
    ("setup.py", "a Python manifest", &[]),
    ("environment.yml", "a conda environment", &[]),
    ("environment.yaml", "a conda environment", &[]),
    ("conda-lock.yml", "a conda lockfile", &[]),
    ("pixi.lock", "a pixi lockfile", &[]),
    ("pixi.toml", "a pixi manifest", &["pixi.lock"]),
    // JavaScript
    ("package-lock.json", "an npm lockfile", &[]),
    ("npm-shrinkwrap.json", "an npm lockfile", &[]),
    ("yarn.lock", "a Yarn lockfile", &[]),
    ("pnpm-lock.yaml", "a pnpm lockfile", &[]),
    ("bun.lock", "a Bun lockfile", &[]),
    ("bun.lockb", "a Bun lockfile", &[]),
    ("deno.lock", "a Deno lockfile", &[]),
    ("deno.json", "a Deno manifest", &["deno.lock"]),
    ("deno.jsonc", "a Deno manifest", &["deno.lock"]),
    ("package.json", "an npm manifest", NPM_LOCKS),
    // Go, Ruby, PHP, the JVM, .NET
    ("go.mod", "a Go module", &[]),
    ("go.sum", "a Go checksum file", &["go.mod"]),
    ("go.work", "a Go workspace", &["go.mod"]),
    ("Gemfile.lock", "a Bundler lockfile", &[]),
    ("gems.locked", "a Bundler lockfile", &[]),
    ("Gemfile", "a Bundler manifest", &["Gemfile.lock"]),
    ("gems.rb", "a Bundler manifest", &["gems.locked"]),
    ("composer.lock", "a Composer lockfile", &[]),
    ("composer.json", "a Composer manifest", &["composer.lock"]),
    ("pom.xml", "a Maven project", &[]),
    ("build.gradle", "a Gradle build", &["gradle.lockfile"]),
    ("build.gradle.kts", "a Gradle build", &["gradle.lockfile"]),
    ("gradle.lockfile", "a Gradle lockfile", &[]),
    ("build.sbt", "an sbt build", &[]),
    ("packages.lock.json", "a NuGet lockfile", &[]),
    ("packages.config", "a NuGet manifest", &["packages.lock.json"]),
    ("paket.lock", "a Paket lockfile", &[]),
    ("project.assets.json", "a NuGet restore", &["packages.lock.json"]),
    // Others
    ("mix.lock", "a Mix lockfile", &[]),
    ("mix.exs", "a Mix project", &["mix.lock"]),
    ("rebar.lock", "a Rebar lockfile", &[]),
    ("pubspec.lock", "a Dart lockfile", &[]),
    ("pubspec.yaml", "a Dart manifest", &["pubspec.lock"]),
    ("Package.resolved", "a Swift lockfile", &[]),
    ("Package.swift", "a Swift manifest", &["Package.resolved"]),
    ("Podfile.lock", "a CocoaPods lockfile", &[]),
    ("Podfile", "a CocoaPods manifest", &["Podfile.lock"]),
    ("Cartfile.resolved", "a Carthage lockfile", &[]),
    ("Cartfile", "a Carthage manifest", &["Cartfile.resolved"]),
    ("conan.lock", "a Conan lockfile", &[]),
    ("conanfile.txt", "a Conan manifest", &["conan.lock"]),
    ("conanfile.py", "a Conan manifest", &["conan.lock"]),
    ("MODULE.bazel.lock", "a Bazel lockfile", &[]),
    ("MODULE.bazel", "a Bazel module", &["MODULE.bazel.lock"]),
    ("cpanfile.snapshot", "a Carton lockfile", &[]),
    ("cpanfile", "a Perl manifest", &["cpanfile.snapshot"]),
    ("Manifest.toml", "a Julia lockfile", &[]),
    ("vcpkg.json", "a vcpkg manifest", &[]),
    ("renv.lock", "an renv lockfile", &[]),
    ("cabal.project.freeze", "a Cabal lockfile", &[]),
    ("stack.yaml.lock", "a Stack lockfile", &[]),
];

/// Package databases of root filesystems, by the end of their path.
const BY_PATH: &[(&str, &str)] = &[
    ("var/lib/dpkg/status", "a dpkg database"),
    ("lib/apk/db/installed", "an apk database"),
    ("var/lib/rpm/rpmdb.sqlite", "an rpm database"),
    ("var/lib/rpm/Packages", "an rpm database"),
    ("usr/lib/sysimage/rpm/rpmdb.sqlite", "an rpm database"),
    ("usr/lib/sysimage/rpm/Packages.db", "an rpm database"),
];

impl Extractor for Unsupported {
    fn name(&self) -> &'static str {
        "unsupported"
    }

    fn recognises(&self, path: &str) -> bool {
        what(path).is_some()
    }

    fn extract(&self, path: &str, bytes: &[u8]) -> Extracted {
        if file_name(path) == "setup.py" {
            return setup_py(path, bytes);
        }
        let (what, lockfiles) = what(path).unwrap_or(("a dependency file", &[]));
        let why = if is_database(path) && !what.contains("rpm") {
            "it is of a root filesystem below this folder: scan that one by itself"
        } else {
            "overdue does not read this format yet"
        };
        let mut extracted = Extracted::not_read(path, None, Reason::UnsupportedFormat, 0, format!("{what}: {why}"));
        if !lockfiles.is_empty() {
            extracted.coverage = Some(Coverage { lockfiles, above: Above::Any, package: None, extent: Extent::Whole });
        }
        extracted
    }
}

/// `setup.py` is a program, and is not run. Most are one call, with the requirements in a file beside it.
fn setup_py(path: &str, bytes: &[u8]) -> Extracted {
    // What it takes to state requirements, or to take them from somewhere that is not in sight.
    let text = String::from_utf8_lossy(bytes);
    let hides = ["require", "**", "exec", "eval", "import_module", "__import__"].iter().any(|word| text.contains(word));
    // Whatever it imports may state them.
    let imports = text.lines().map(str::trim_start).filter_map(|line| line.strip_prefix("import ").or_else(|| line.strip_prefix("from ")));
    let is_harmless = |import: &str| {
        let module = import.split([' ', '.', ',', ';']).next().unwrap_or_default();
        !import.contains(',') && ["setuptools", "distutils", "os", "sys", "io", "re", "pathlib", "codecs", "__future__"].contains(&module)
    };
    let states_none =
        text.contains("setup(") && !hides && imports.clone().all(|import| is_harmless(import) || import.starts_with("setuptools"));
    if states_none {
        return Extracted { file: FileState::Irrelevant, ..Extracted::default() };
    }
    let coverage =
        Some(Coverage { lockfiles: super::pyproject::file::LOCKFILES, above: Above::Never, package: None, extent: Extent::Whole });
    let detail = "what a setup.py wants is not known without running it, and overdue runs nothing; \
                  a lockfile or a requirements file beside it is read: write one with `pip freeze`";
    Extracted { coverage, ..Extracted::not_read(path, None, Reason::NoLockfile, 0, detail) }
}

fn is_database(path: &str) -> bool {
    BY_PATH.iter().any(|(end, _)| ends_in(path, end))
}

fn what(path: &str) -> Option<(&'static str, &'static [&'static str])> {
    let name = file_name(path);
    if let Some((_, what, lockfiles)) = BY_NAME.iter().find(|(known, ..)| *known == name) {
        return Some((what, lockfiles));
    }
    if let Some((_, what)) = BY_PATH.iter().find(|(end, _)| ends_in(path, end)) {
        return Some((what, &[]));
    }
    by_pattern(name).map(|what| (what, [].as_slice()))
}

fn by_pattern(name: &str) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    let has = |ending: &str| lower.ends_with(ending);
    (has(".csproj") || has(".fsproj") || has(".vbproj")).then_some("a .NET project")
}
