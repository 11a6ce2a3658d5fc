//! Tells the binary the commit it is built from, as `ORRERY_COMMIT`: the variable of that name
//! where it is set, else what git says, else `unknown`. Only this crate is built again after a
//! commit.

use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-env-changed=ORRERY_COMMIT");
    println!("cargo::rerun-if-changed=build.rs");
    #[expect(clippy::disallowed_methods, reason = "the build's environment, not the server's")]
    let given = std::env::var("ORRERY_COMMIT").ok().filter(|commit| !commit.is_empty());
    let commit = given.or_else(of_git).unwrap_or_else(|| "unknown".to_owned());
    println!("cargo::rustc-env=ORRERY_COMMIT={commit}");
}

/// `None` outside a checkout, or without git. A source tree below somebody else's repository is
/// not of that repository's commit.
fn of_git() -> Option<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    if !root.join(".git").exists() {
        return None;
    }
    let git = |arguments: &[&str]| -> Option<String> {
        let answer = Command::new("git").arg("-C").arg(&root).args(arguments).output().ok()?;
        let text = String::from_utf8(answer.stdout).ok()?;
        answer.status.success().then(|| text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    let commit = git(&["rev-parse", "HEAD"])?;
    // A commit writes the log of HEAD and the branch's file, which is not there yet where the
    // branch is a packed one; a switch of branches writes HEAD.
    let branch = git(&["symbolic-ref", "--quiet", "HEAD"]).unwrap_or_default();
    for name in ["HEAD", "logs/HEAD", "packed-refs", branch.as_str()] {
        let path = (!name.is_empty()).then(|| git(&["rev-parse", "--git-path", name])).flatten();
        let path = path.map(|path| root.join(PathBuf::from(path))).filter(|path| path.exists());
        if let Some(path) = path {
            println!("cargo::rerun-if-changed={}", path.display());
        }
    }
    Some(commit)
}
