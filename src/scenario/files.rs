//! The files that a scenario names, by the name it gives them: from its own folder, or from the program itself.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where the text of a named file comes from.
pub trait Files {
    /// The text of `name`, which stands relative to the scenario; or why it cannot be had, in a few words.
    fn text(&self, name: &str) -> Result<String, String>;
}

/// A folder of the disk. A name that ends in `.gz` is unpacked.
#[derive(Debug, Clone)]
pub struct Folder(pub PathBuf);

/// Texts that are part of the program, or of a test.
#[derive(Debug, Clone, Default)]
pub struct Shelf(pub BTreeMap<String, String>);

/// The most of a file that is read: a month of a large city's alarms has a few megabytes.
const FILE_MAX_BYTES: u64 = 256 << 20;

impl Folder {
    /// The folder in which `scenario` stands.
    pub fn of(scenario: &Path) -> Self {
        Self(scenario.parent().map(Path::to_owned).unwrap_or_default())
    }
}

impl Files for Folder {
    fn text(&self, name: &str) -> Result<String, String> {
        let path = self.0.join(name);
        unpacked(&path).map_err(|error| error.to_string())
    }
}

impl Files for Shelf {
    fn text(&self, name: &str) -> Result<String, String> {
        self.0.get(name).cloned().ok_or_else(|| "not here".to_owned())
    }
}

fn unpacked(path: &Path) -> std::io::Result<String> {
    use std::io::Read;
    let file = std::fs::File::open(path)?;
    let mut text = String::new();
    if path.extension().is_some_and(|it| it == "gz") {
        flate2::read::GzDecoder::new(file).take(FILE_MAX_BYTES).read_to_string(&mut text)?;
    } else {
        file.take(FILE_MAX_BYTES).read_to_string(&mut text)?;
    }
    Ok(text)
}
