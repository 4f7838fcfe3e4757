//! A disk that is soon full: a small file system in memory, which takes root to mount.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

pub struct SmallDisk {
    dir: TempDir,
}

impl SmallDisk {
    /// `None`, and plainly said, where nobody may mount: nothing is proved then.
    pub fn mount(megabytes: u32, what: &str) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "tidewatch-test"]).arg(dir.path());
        if mounted(&mut mount) {
            return Some(Self { dir });
        }
        println!("NOT RUN: {what} needs a small disk to be mounted, which takes root or `unshare -rm`");
        None
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Until not a page is left; the file that took it all.
    pub fn fill(&self) -> PathBuf {
        let path = self.path().join("filler");
        let mut file = std::fs::File::create(&path).unwrap();
        while file.write_all(&[7; 4096]).is_ok() {}
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        Command::new("umount").arg("--lazy").arg(self.path()).status().ok();
    }
}

fn mounted(mount: &mut Command) -> bool {
    mount.output().is_ok_and(|it| it.status.success())
}
