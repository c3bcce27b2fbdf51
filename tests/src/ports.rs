//! Free ports.

use std::{
    fs::{self, File},
    net::TcpListener,
    process,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU16, Ordering},
    },
};

/// Below the range from which the system takes ports for outgoing connections: one of those could take a port between
/// the moment it is found free and the moment its server listens.
const FIRST: u16 = 12_000;
const COUNT: u16 = 20_000;

static NEXT: AtomicU16 = AtomicU16::new(0);

/// What this process has taken, for as long as it lives.
static TAKEN: Mutex<Vec<File>> = Mutex::new(Vec::new());

/// A port on loopback that nothing listens on, and that no other test process was given. They begin in different places.
pub fn free() -> u16 {
    let begin = u16::try_from(process::id().wrapping_mul(127) % u32::from(COUNT)).unwrap_or_default();
    for _ in 0..COUNT {
        let step = NEXT.fetch_add(1, Ordering::Relaxed) % COUNT;
        let port = FIRST + (begin + step) % COUNT;
        let Some(taken) = take(port) else { continue };
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            TAKEN.lock().unwrap_or_else(PoisonError::into_inner).push(taken);
            return port;
        }
    }
    panic!("no port is free");
}

/// A lock that ends with the process: some time goes by until a server listens.
fn take(port: u16) -> Option<File> {
    let folder = std::env::temp_dir().join("kenh-test-ports");
    fs::create_dir_all(&folder).expect("a folder for ports");
    let file = File::create(folder.join(port.to_string())).expect("a file for a port");
    file.try_lock().is_ok().then_some(file)
}
