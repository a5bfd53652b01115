//! The services that `issuecommand login` was told, with their keys: a file of this user alone.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

use super::failure::Failure;

/// A service and the key for it.
#[derive(Clone, Debug)]
pub(super) struct Host {
    pub(super) base: Url,
    pub(super) key: SecretString,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Content {
    /// The service that is asked if none is named.
    usual: Option<String>,
    hosts: BTreeMap<String, Entry>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Entry {
    key: String,
}

/// The file, and what it says.
pub(super) struct Hosts {
    path: Option<PathBuf>,
    content: Content,
}

impl Hosts {
    /// The file of this user; without a home folder there is none.
    pub(super) fn of_user() -> Result<Self, Failure> {
        match place() {
            Some(path) => Self::at(path),
            None => Ok(Self {
                path: None,
                content: Content::default(),
            }),
        }
    }

    fn at(path: PathBuf) -> Result<Self, Failure> {
        let shown = path.display().to_string();
        let content = match fs::read_to_string(&path) {
            Ok(text) => {
                private(&path)?;
                toml::from_str(&text).map_err(|error| {
                    let line = error
                        .span()
                        .map_or(1, |span| 1 + text[..span.start].matches('\n').count());
                    Failure::usage(format!("{shown} cannot be read: line {line} is wrong")).hint(
                        format!("Mend it, or remove it and sign in again: rm {shown}"),
                    )
                })?
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Content::default(),
            Err(error) => return Err(Failure::failed(format!("{shown} cannot be read: {error}"))),
        };
        Ok(Self {
            path: Some(path),
            content,
        })
    }

    /// The key for a service.
    pub(super) fn key_of(&self, base: &Url) -> Option<SecretString> {
        let entry = self.content.hosts.get(base.as_str())?;
        Some(entry.key.as_str().into())
    }

    /// The service that is asked if none is named.
    pub(super) fn usual(&self) -> Option<Host> {
        let usual = self.content.usual.as_deref()?;
        let base = Url::parse(usual).ok()?;
        Some(Host {
            key: self.key_of(&base)?,
            base,
        })
    }

    /// Remembers a service, which is asked from now on.
    pub(super) fn remember(&mut self, host: &Host) -> Result<PathBuf, Failure> {
        let base = host.base.to_string();
        let key = host.key.expose_secret().to_owned();
        self.content.hosts.insert(base.clone(), Entry { key });
        self.content.usual = Some(base);
        self.write()
    }

    /// Forgets a service. Returns whether it was known.
    pub(super) fn forget(&mut self, base: &Url) -> Result<bool, Failure> {
        let known = self.content.hosts.remove(base.as_str()).is_some();
        if self.content.usual.as_deref() == Some(base.as_str()) {
            self.content.usual = None;
        }
        if known {
            self.write()?;
        }
        Ok(known)
    }

    fn write(&self) -> Result<PathBuf, Failure> {
        let path = self
            .path
            .clone()
            .ok_or_else(|| Failure::failed("there is no home folder; set HOME to one"))?;
        let text = toml::to_string(&self.content)
            .map_err(|error| Failure::failed(format!("the services cannot be written: {error}")))?;
        replace(&path, &text).map_err(|error| {
            Failure::failed(format!("{} cannot be written: {error}", path.display()))
        })?;
        Ok(path)
    }
}

/// Replaces the file by one that its user alone can read.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let new = folder.join(format!(".hosts-{}.tmp", uuid::Uuid::new_v4().simple()));
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&new)?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&new, path));
    if written.is_err() {
        // A partial file is useless.
        let _ = fs::remove_file(&new);
    }
    written
}

/// Refuses a file that others can read, because it has keys in it.
#[cfg(unix)]
fn private(path: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt as _;
    let meta = fs::metadata(path).map_err(|error| Failure::failed(error.to_string()))?;
    let of_others = meta.permissions().mode() & 0o077;
    if of_others == 0 {
        return Ok(());
    }
    let shown = path.display();
    Err(Failure::usage(format!(
        "{shown} has keys in it, and other users may read it"
    ))
    .hint(format!("Make it yours alone: chmod 600 {shown}")))
}

#[cfg(not(unix))]
fn private(_: &Path) -> Result<(), Failure> {
    Ok(())
}

/// The file's place.
#[expect(
    clippy::disallowed_methods,
    reason = "the folders of this user, which are no settings"
)]
fn place() -> Option<PathBuf> {
    let folder = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let config = if cfg!(windows) {
        folder("APPDATA")
    } else {
        folder("XDG_CONFIG_HOME")
            .filter(|path| path.is_absolute())
            .or_else(|| Some(folder("HOME")?.join(".config")))
    };
    Some(config?.join("issuecommand").join("hosts.toml"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(base: &str, key: &str) -> Host {
        Host {
            base: Url::parse(base).unwrap(),
            key: key.into(),
        }
    }

    #[test]
    fn the_last_service_is_the_usual_one_until_it_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/hosts.toml");
        let mut hosts = Hosts::at(path.clone()).unwrap();
        assert!(hosts.usual().is_none());
        let (one, two) = (host("https://one/", "k1"), host("https://two/", "k\"2"));
        hosts.remember(&one).unwrap();
        hosts.remember(&two).unwrap();

        let mut hosts = Hosts::at(path.clone()).unwrap();
        let usual = hosts.usual().unwrap();
        assert_eq!(
            (usual.base.as_str(), usual.key.expose_secret()),
            ("https://two/", "k\"2")
        );
        assert_eq!(hosts.key_of(&one.base).unwrap().expose_secret(), "k1");
        assert!(hosts.forget(&two.base).unwrap());
        assert!(!hosts.forget(&two.base).unwrap());
        assert!(Hosts::at(path).unwrap().usual().is_none());
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hosts.toml");
        let mut hosts = Hosts::at(path.clone()).unwrap();
        hosts.remember(&host("https://one/", "k1")).unwrap();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let error = Hosts::at(path.clone()).err().unwrap();
        assert!(error.message().contains("other users"), "{error:?}");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, "usual = \"x\"\nhosts = 7\n").unwrap();
        let error = Hosts::at(path).err().unwrap();
        assert!(error.message().contains("line 2"), "{error:?}");
    }
}
