//! Encryption at rest for what the tables must not show: AES-256-GCM under a key that lies in the
//! data directory, beside the database and not in it.
//!
//! Key file: one line per key, 64 hexadecimal digits, newest first; a rotation puts a new line on
//! top. Sealed text: `1:<key id>:<hex of nonce and ciphertext>`, where the key id is the first
//! eight digits of the key's SHA-256, so that old texts find their key after a rotation. See
//! `docs/format/portal-secrets.md`.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aes_gcm::aead::Aead as _;
use aes_gcm::{Aes256Gcm, KeyInit as _};
use parking_lot::RwLock;
use platform::Random;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;
const VERSION: &str = "1";

#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// Start: give up with this sentence.
    #[error("cannot use the key file {path}")]
    File { path: PathBuf, source: io::Error },
    /// Start: the file is not ours.
    #[error("line {line} of the key file {path} is no key (64 hexadecimal digits)")]
    Key { path: PathBuf, line: usize },
    /// Bring the key file back, or enter the secret again.
    #[error("a secret was encrypted with a key that is not in the key file")]
    UnknownKey,
    #[error("an encrypted secret was changed or cut off")]
    Broken,
    #[error("the system gave no randomness for encryption")]
    Random(#[source] io::Error),
}

struct Key {
    id: String,
    cipher: Aes256Gcm,
}

/// Closes and opens secrets; clones of the inner keys are shared.
pub struct Seal {
    keys: RwLock<Vec<Key>>,
    random: Arc<dyn Random>,
    path: PathBuf,
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal(…)")
    }
}

impl Seal {
    /// Reads the key file, or makes one that only its owner can read.
    pub fn open_or_create(path: &Path, random: Arc<dyn Random>) -> Result<Self, SealError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let text = Zeroizing::new(format!("{}\n", &*fresh_key(random.as_ref())?));
                write(path, &text)?;
                text
            }
            Err(source) => return Err(SealError::File { path: path.to_owned(), source }),
        };
        let keys = RwLock::new(parse(path, &text)?);
        Ok(Self { keys, random, path: path.to_owned() })
    }

    /// Puts a new key on top of the file; texts closed from now on use it.
    pub fn rotate(&self) -> Result<(), SealError> {
        let mut keys = self.keys.write();
        let source = |source| SealError::File { path: self.path.clone(), source };
        let old = Zeroizing::new(fs::read_to_string(&self.path).map_err(source)?);
        let fresh = fresh_key(self.random.as_ref())?;
        let text = Zeroizing::new(format!("{}\n{}", &*fresh, &*old));
        write(&self.path, &text)?;
        *keys = parse(&self.path, &text)?;
        Ok(())
    }

    pub fn close(&self, plain: &[u8]) -> Result<String, SealError> {
        let mut nonce = [0_u8; NONCE_BYTES];
        self.random.fill(&mut nonce).map_err(SealError::Random)?;
        let keys = self.keys.read();
        let key = keys.first().ok_or(SealError::UnknownKey)?;
        let closed = key.cipher.encrypt(&nonce.into(), plain).map_err(|_| SealError::Broken)?;
        Ok(format!("{VERSION}:{}:{}{}", key.id, hex(&nonce), hex(&closed)))
    }

    pub fn open(&self, sealed: &str) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let mut parts = sealed.splitn(3, ':');
        let (version, id, body) = (parts.next(), parts.next(), parts.next());
        let (Some(VERSION), Some(id), Some(body)) = (version, id, body) else {
            return Err(SealError::Broken);
        };
        let bytes = unhex(body).ok_or(SealError::Broken)?;
        let (nonce, closed) = bytes.split_at_checked(NONCE_BYTES).ok_or(SealError::Broken)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().map_err(|_| SealError::Broken)?;
        let keys = self.keys.read();
        let key = keys.iter().find(|key| key.id == id).ok_or(SealError::UnknownKey)?;
        let plain = key.cipher.decrypt(&nonce.into(), closed).map_err(|_| SealError::Broken)?;
        Ok(Zeroizing::new(plain))
    }
}

fn fresh_key(random: &dyn Random) -> Result<Zeroizing<String>, SealError> {
    let mut key = Zeroizing::new([0_u8; KEY_BYTES]);
    random.fill(key.as_mut_slice()).map_err(SealError::Random)?;
    Ok(Zeroizing::new(hex(key.as_slice())))
}

fn parse(path: &Path, text: &str) -> Result<Vec<Key>, SealError> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let keys = lines.map(|(index, line)| {
        let no_key = || SealError::Key { path: path.to_owned(), line: index + 1 };
        let bytes = Zeroizing::new(unhex(line.trim()).ok_or_else(no_key)?);
        let cipher = Aes256Gcm::new_from_slice(&bytes).map_err(|_| no_key())?;
        Ok(Key { id: hex(&Sha256::digest(bytes.as_slice())[..4]), cipher })
    });
    let keys: Vec<Key> = keys.collect::<Result<_, _>>()?;
    if keys.is_empty() { Err(SealError::Key { path: path.to_owned(), line: 1 }) } else { Ok(keys) }
}

/// Replaces the file in one step: a crash leaves the old keys or the new, never neither.
fn write(path: &Path, text: &str) -> Result<(), SealError> {
    let temporary = path.with_extension("new");
    let source = |source| SealError::File { path: path.to_owned(), source };
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(&temporary).map_err(source)?;
    file.write_all(text.as_bytes()).map_err(source)?;
    file.sync_all().map_err(source)?;
    fs::rename(&temporary, path).map_err(source)?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let dir = fs::File::open(parent.unwrap_or(Path::new("."))).map_err(source)?;
    dir.sync_all().map_err(source)
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |half: u8| char::from(DIGITS[usize::from(half)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| Some((digit(pair[0])? << 4 | digit(*pair.get(1)?)?) as u8)).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::sync::Arc;

    use platform::HostRandom;
    use tempfile::TempDir;

    use super::{Seal, SealError};

    #[test]
    fn secrets_come_back_after_a_restart_and_after_a_rotation() {
        let dir = TempDir::new().unwrap();
        let path = dir.path().join("portal.key");
        let open = || Seal::open_or_create(&path, Arc::new(HostRandom)).unwrap();
        let seal = open();
        let sealed = seal.close(b"hush").unwrap();
        assert!(!sealed.contains("hush"));
        assert_ne!(sealed, seal.close(b"hush").unwrap(), "each time under another nonce");
        assert_eq!(open().open(&sealed).unwrap().as_slice(), b"hush");
        seal.rotate().unwrap();
        let newer = seal.close(b"hush").unwrap();
        assert_ne!(newer.split(':').nth(1), sealed.split(':').nth(1));
        for text in [&sealed, &newer] {
            assert_eq!(open().open(text).unwrap().as_slice(), b"hush");
        }
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn changed_texts_and_foreign_keys_are_refused() {
        let dir = TempDir::new().unwrap();
        let open = |name: &str| {
            Seal::open_or_create(&dir.path().join(name), Arc::new(HostRandom)).unwrap()
        };
        let (one, other) = (open("one"), open("other"));
        let sealed = one.close(b"hush").unwrap();
        assert!(matches!(other.open(&sealed), Err(SealError::UnknownKey)));
        let mut changed = sealed.clone().into_bytes();
        let last = changed.last_mut().unwrap();
        *last = if *last == b'0' { b'1' } else { b'0' };
        let changed = String::from_utf8(changed).unwrap();
        for text in [changed.as_str(), "", "1", "1:a", "2:a:b", &sealed[..20], "1::é"] {
            assert!(one.open(text).is_err(), "{text:?}");
        }
        std::fs::write(dir.path().join("one"), "no key\n").unwrap();
        let opened = Seal::open_or_create(&dir.path().join("one"), Arc::new(HostRandom));
        assert!(matches!(opened, Err(SealError::Key { line: 1, .. })));
    }
}
