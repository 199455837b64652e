//! Installed packages of ecosystems that are not read: recognised one by one, so that they can be counted where they are.

use super::{file_name, paths::ends_in};

/// What a file stands for that is one installed package of an ecosystem that we do not read, and the folder to count it
/// under.
#[must_use]
pub fn installed(path: &str) -> Option<(&'static str, &str)> {
    let name = file_name(path);
    let folder = path.get(..path.len() - name.len())?.trim_end_matches('/');
    if name == "package.json" {
        return npm(path).map(|folder| ("npm package", folder));
    }
    if name == "installed.json" && ends_in(folder, "vendor/composer") {
        return Some(("Composer's list of packages", folder));
    }
    if let Some(stem) = name.strip_suffix(".gemspec") {
        // The gems that come with Ruby are in a folder of their own, which is nothing to tell apart.
        let folder = if ends_in(folder, "specifications/default") { folder.strip_suffix("/default")? } else { folder };
        return (stem.contains('-') && ends_in(folder, "specifications")).then_some(("Ruby gem", folder));
    }
    if let Some(stem) = name.strip_suffix(".deps.json") {
        return (!stem.is_empty()).then_some((".NET application", folder));
    }
    let stem = [".jar", ".war", ".ear"].iter().find_map(|end| name.strip_suffix(end))?;
    (!stem.is_empty()).then_some(("Java archive", folder))
}

/// The outermost `node_modules` of a package that is directly in the innermost one, by itself or in its scope.
fn npm(path: &str) -> Option<&str> {
    const FOLDER: &str = "node_modules/";
    let starts = |at: &usize| *at == 0 || path.as_bytes()[at - 1] == b'/';
    let outermost = path.match_indices(FOLDER).map(|(at, _)| at).find(starts)?;
    let innermost = path.rmatch_indices(FOLDER).map(|(at, _)| at).find(starts)?;
    let mut parts = path[innermost + FOLDER.len()..].split('/');
    let mut package = parts.next()?;
    if package.starts_with('@') {
        package = parts.next()?;
    }
    let is_one = parts.next() == Some("package.json") && parts.next().is_none() && !package.is_empty() && !package.starts_with('.');
    is_one.then(|| &path[..outermost + FOLDER.len() - 1])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::installed;

    #[test]
    fn a_package_is_counted_once_and_under_its_folder() {
        for (path, expected) in [
            ("usr/lib/node_modules/npm/package.json", Some(("npm package", "usr/lib/node_modules"))),
            ("node_modules/@a/b/package.json", Some(("npm package", "node_modules"))),
            ("app/node_modules/a/node_modules/b/package.json", Some(("npm package", "app/node_modules"))),
            ("app/node_modules/a/lib/package.json", None),
            ("app/node_modules/@a/package.json", None),
            ("app/node_modules/package.json", None),
            ("app/node_modules/.cache/package.json", None),
            ("app/my_node_modules/a/package.json", None),
            ("app/package.json", None),
            ("usr/lib/ruby/gems/3.1.0/specifications/rake-13.0.gemspec", Some(("Ruby gem", "usr/lib/ruby/gems/3.1.0/specifications"))),
            ("r/specifications/default/json-2.6.1.gemspec", Some(("Ruby gem", "r/specifications"))),
            ("gems/rake-13.0/rake.gemspec", None),
            ("opt/app/lib/log4j.jar", Some(("Java archive", "opt/app/lib"))),
            ("app.war", Some(("Java archive", ""))),
            ("a/.jar", None),
            ("var/www/vendor/composer/installed.json", Some(("Composer's list of packages", "var/www/vendor/composer"))),
            ("var/www/composer/installed.json", None),
        ] {
            assert_eq!(installed(path), expected, "{path}");
        }
    }

    proptest! {
        #[test]
        fn no_path_makes_it_panic(path in "(node_modules|@a|é|b|/|package.json|specifications|default|-1.gemspec|.jar){0,9}") {
            let _ = installed(&path);
        }
    }
}
