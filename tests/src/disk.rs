//! A disk of few bytes, which can be filled for real.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A small file system in a folder. Dropping it takes it away.
#[derive(Debug)]
pub struct Disk(PathBuf);

impl Disk {
    /// Mounts one of a size such as `2m` on a folder, which is made.
    pub fn mount(folder: &Path, size: &str) -> Self {
        fs::create_dir_all(folder).expect("a folder to mount on");
        mount(folder, &format!("size={size}"));
        Self(folder.into())
    }

    /// Makes room.
    pub fn grow(&self, size: &str) {
        mount(&self.0, &format!("remount,size={size}"));
    }
}

fn mount(folder: &Path, options: &str) {
    let status = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(folder).status();
    assert!(status.expect("mount can be run").success(), "mounting needs root");
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(&self.0).status());
    }
}
