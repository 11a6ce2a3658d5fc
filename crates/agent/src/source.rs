//! Where host facts are read from, and how: whole small files, bounded in size.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// No file read here is longer on a sane machine; a longer one is cut, not trusted.
const FILE_BYTES_MAX: u64 = 4 << 20;

/// Where the machine's file systems are mounted. Inside a container they are usually the host's
/// own, mounted read-only somewhere below `/host`.
#[derive(Clone, Debug)]
pub struct Roots {
    /// procfs, usually `/proc`.
    pub proc: PathBuf,
    /// sysfs, usually `/sys`.
    pub sys: PathBuf,
    /// The machine's root directory, usually `/`. Mount points are looked up below it and named
    /// without it.
    pub rootfs: PathBuf,
}

impl Default for Roots {
    fn default() -> Self {
        Self { proc: "/proc".into(), sys: "/sys".into(), rootfs: "/".into() }
    }
}

impl Roots {
    pub(crate) fn read_proc(&self, name: &str) -> io::Result<String> {
        read(&self.proc.join(name))
    }

    /// A single number below procfs, or the first of several.
    pub(crate) fn read_proc_number(&self, name: &str) -> io::Result<f64> {
        let text = self.read_proc(name)?;
        first_number(&text).ok_or_else(|| malformed(name))
    }

    /// A path named from the machine's root, such as `etc/os-release`.
    pub(crate) fn read_root(&self, name: &str) -> io::Result<String> {
        read(&self.rootfs.join(name))
    }
}

/// The content of one file. Bytes that are not UTF-8 are replaced: they can only be part of a
/// name, never of a number.
pub(crate) fn read(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::with_capacity(1024);
    // Not `fs::read`, which first asks for the size: here that is always 0 or a page.
    let mut file = File::open(path)?.take(FILE_BYTES_MAX);
    file.read_to_end(&mut bytes)?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(error) => Ok(String::from_utf8_lossy(error.as_bytes()).into_owned()),
    }
}

/// One attribute of a device: the file without the white space around it, `None` when there is
/// no such file or the driver refuses to answer.
pub(crate) fn attribute(dir: &Path, name: &str) -> Option<String> {
    // sysfs hands out an attribute whole at the first read and never more than a page. A machine
    // with many interfaces has thousands of them, so the second read that `read` makes counts.
    let mut bytes = [0; 4096];
    let length = File::open(dir.join(name)).ok()?.read(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(bytes.get(..length)?);
    Some(text.trim().to_owned())
}

/// The names in a directory, sorted, at most `max`.
pub(crate) fn names(dir: &Path, max: usize) -> io::Result<Vec<String>> {
    let entries = fs::read_dir(dir)?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> = names.collect();
    names.sort_unstable();
    names.truncate(max);
    Ok(names)
}

/// The first word, if it is a number.
pub(crate) fn first_number(text: &str) -> Option<f64> {
    number(text.split_ascii_whitespace().next()?)
}

/// A plain number as the kernel prints it.
pub(crate) fn number(word: &str) -> Option<f64> {
    let value: f64 = word.parse().ok()?;
    value.is_finite().then_some(value)
}

pub(crate) fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{what} is not in the expected form"))
}
