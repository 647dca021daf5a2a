//! A place where a build waits until the scenario lets it go on: no scenario depends on who is faster.

use std::fs;
use std::path::{Path, PathBuf};

pub struct Gate {
    directory: PathBuf,
}

impl Gate {
    pub fn new(place: &Path, name: &str) -> Self {
        let directory = place.join(format!("gate-{name}"));
        fs::create_dir_all(&directory).expect("the gate can be made");
        Self { directory }
    }

    /// The command that waits. Whoever waits here has left a file of its own.
    pub fn wait(&self) -> String {
        let directory = self.directory.display();
        format!("touch {directory}/arrived-$$; until [ -e {directory}/open ]; do sleep 0.02; done")
    }

    /// How many builds have come to the gate so far.
    pub fn arrivals(&self) -> usize {
        let names = fs::read_dir(&self.directory).expect("the gate is there");
        names.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with("arrived-")).count()
    }

    pub fn open(&self) {
        fs::write(self.directory.join("open"), "").expect("the gate can be opened");
    }
}

/// A file that builds write a line to, in the order in which they run.
pub struct Diary {
    file: PathBuf,
}

impl Diary {
    pub fn new(place: &Path) -> Self {
        Self { file: place.join("diary") }
    }

    /// The command that writes `text`, which the shell expands.
    pub fn write(&self, text: &str) -> String {
        format!("echo \"{text}\" >> {}", self.file.display())
    }

    pub fn lines(&self) -> Vec<String> {
        fs::read_to_string(&self.file).unwrap_or_default().lines().map(str::to_owned).collect()
    }
}
