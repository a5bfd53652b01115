//! Sources made of a temporary folder and lists of pairs.

use std::path::Path;

use issuecommand_app::settings::Settings;
use issuecommand_config::{SettingsError, Sources};
use tempfile::TempDir;

/// The sources of one operator.
pub(crate) struct TestSources {
    folder: TempDir,
    sources: Sources,
}

pub(crate) fn given() -> TestSources {
    let folder = tempfile::tempdir().unwrap();
    let sources = Sources {
        folder: folder.path().to_owned(),
        ..Sources::default()
    };
    TestSources { folder, sources }
}

impl TestSources {
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        std::fs::write(self.path().join(name), text).unwrap();
        self
    }

    pub(crate) fn toml(self, text: &str) -> Self {
        self.write("issuecommand.toml", text)
    }

    pub(crate) fn dotenv(self, text: impl AsRef<[u8]>) -> Self {
        self.write(".env", text)
    }

    /// A file beside `issuecommand.toml` that is named on the command line.
    pub(crate) fn named_toml(mut self, name: &str, text: Option<&str>) -> Self {
        self.sources.file = Some(self.path().join(name));
        match text {
            Some(text) => self.write(name, text),
            None => self,
        }
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.sources.environment.push((name.into(), value.into()));
        self
    }

    pub(crate) fn home(mut self, home: &str) -> Self {
        self.sources.home = Some(home.into());
        self
    }

    pub(crate) fn flag(mut self, name: &str, value: &str) -> Self {
        self.sources.flags.push((name.into(), value.into()));
        self
    }

    pub(crate) fn sources(&self) -> &Sources {
        &self.sources
    }

    pub(crate) fn load(&self) -> Result<Settings, SettingsError> {
        Settings::load(&self.sources)
    }

    /// The error's text, without the temporary folder's name.
    pub(crate) fn error(&self) -> String {
        let text = self.load().unwrap_err().to_string();
        text.replace(&format!("{}/", self.path().display()), "")
    }
}
