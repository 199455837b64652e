//! Links that go round, on and on, out of the root, or to nothing.

use super::{
    super::{content, tape::Tape},
    cases::{
        Case, DATABASE, INSTALLED,
        Outcome::{Incomplete, Whole},
        image, root, without_database,
    },
};

pub(super) const CASES: [Case; 19] = [
    ("link-round-in-circles", Incomplete, || {
        image([database().symlink("etc/os-release", "a").symlink("etc/a", "b").symlink("etc/b", "a")])
    }),
    ("link-to-itself", Incomplete, || image([database().symlink("etc/os-release", "os-release")])),
    ("link-to-itself-from-the-root", Incomplete, || image([database().symlink("etc/os-release", "/etc/os-release")])),
    ("links-100-in-a-row", Incomplete, || image([chain(100)])),
    ("links-30-in-a-row", Whole, || image([chain(30)])),
    ("link-out-of-the-root", Whole, || {
        let release = content::os_release("alpine", "3.9.4");
        image([database().file("usr/lib/os-release", release).symlink("etc/os-release", "../../../../../../usr/lib/os-release")])
    }),
    ("link-to-a-file-of-the-machine", Incomplete, || {
        image([without_database().symlink(INSTALLED, "../../../../../../../../proc/self/environ")])
    }),
    ("link-with-an-empty-target", Incomplete, || image([database().symlink("etc/os-release", "")])),
    ("link-with-a-target-of-5000-bytes", Incomplete, || image([database().symlink("etc/os-release", &"../etc/".repeat(720))])),
    ("folder-that-links-to-its-parent", Whole, || image([root().symlink("opt/app/again", "../../opt").symlink("opt/app/root", "/")])),
    ("folders-that-double", Whole, || {
        let link = |tape: Tape, at: usize| {
            let below = if at == 0 { "lib".to_owned() } else { format!("x{}", at - 1) };
            // Two ways down on each floor: as many paths as there are grains of sand.
            tape.dir(&format!("x{at}"))
                .symlink(&format!("x{at}/a"), &format!("../{below}"))
                .symlink(&format!("x{at}/b"), &format!("../{below}"))
        };
        image([(0..64).fold(root(), link)])
    }),
    ("parents-round-in-circles", Incomplete, || {
        image([root().symlink("a", "b").symlink("b", "a").file("a/requirements.txt", "fixture-web==1.0\n")])
    }),
    ("hard-link-out-of-the-root", Incomplete, || image([without_database().hard_link(INSTALLED, "../../../../../../etc/passwd")])),
    ("hard-link-to-nothing", Incomplete, || image([without_database().hard_link(INSTALLED, "lib/apk/db/nothing")])),
    ("hard-link-to-itself", Incomplete, || image([without_database().hard_link(INSTALLED, INSTALLED)])),
    ("hard-link-to-what-comes-later", Incomplete, || {
        image([without_database().hard_link(INSTALLED, "srv/later").file("srv/later", DATABASE)])
    }),
    ("hard-link-through-a-link-of-a-folder", Whole, || {
        image([
            without_database().file("srv/real/text", DATABASE).symlink("srv/link", "real"),
            Tape::new().hard_link(INSTALLED, "srv/link/text"),
        ])
    }),
    ("hard-links-30-in-a-row", Whole, || image(hard_links(30))),
    ("hard-links-1000-in-a-row", Whole, || image(hard_links(1000))),
];

/// A database that is the last of so many hard links, each to the one before; what they began with goes.
fn hard_links(length: usize) -> [Tape; 2] {
    let link = |tape: Tape, at: usize| tape.hard_link(&format!("srv/{}", at + 1), &format!("srv/{at}"));
    let row = (0..length).fold(without_database().file("srv/0", DATABASE), link);
    [row, Tape::new().hard_link(INSTALLED, &format!("srv/{length}")).whiteout("srv")]
}

fn database() -> Tape {
    Tape::new().file(INSTALLED, DATABASE)
}

/// The name of the distribution behind so many links.
fn chain(length: usize) -> Tape {
    let link = |tape: Tape, at: usize| tape.symlink(&format!("etc/l{at}"), &format!("l{}", at + 1));
    let links = (1..length).fold(database().symlink("etc/os-release", "l1"), link);
    links.file(&format!("etc/l{length}"), content::os_release("alpine", "3.9.4"))
}
