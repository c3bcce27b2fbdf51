//! Free ports.

use std::{net::TcpListener, sync::Mutex};

static GIVEN: Mutex<Vec<u16>> = Mutex::new(Vec::new());

/// A port on loopback that nothing listens on, and that no other test of this process was given.
pub fn free() -> u16 {
    let mut given = GIVEN.lock().unwrap();
    loop {
        let port = TcpListener::bind(("127.0.0.1", 0)).expect("a free port").local_addr().expect("its number").port();
        if !given.contains(&port) {
            given.push(port);
            return port;
        }
    }
}
