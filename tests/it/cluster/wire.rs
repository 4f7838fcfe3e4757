//! A line between two processes that can be cut and mended.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::spawn;

#[derive(Default)]
struct State {
    cut: bool,
    open: Vec<TcpStream>,
}

pub struct Wire {
    pub port: u16,
    state: Arc<Mutex<State>>,
}

impl Wire {
    /// To whoever listens at `port`. Its threads end with the process.
    pub fn to(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let wire = Self { port: listener.local_addr().unwrap().port(), state: Arc::default() };
        let state = wire.state.clone();
        spawn(move || {
            for client in listener.incoming() {
                let (Ok(client), Ok(server)) = (client, TcpStream::connect((Ipv4Addr::LOCALHOST, port))) else {
                    continue;
                };
                let mut state = state.lock().unwrap();
                if !state.cut {
                    state.open.extend([client.try_clone().unwrap(), server.try_clone().unwrap()]);
                    carry(client.try_clone().unwrap(), server.try_clone().unwrap());
                    carry(server, client);
                }
            }
        });
        wire
    }

    /// What is open is torn down, and what comes is hung up on.
    pub fn cut(&self) {
        let mut state = self.state.lock().unwrap();
        state.cut = true;
        for line in state.open.drain(..) {
            line.shutdown(Shutdown::Both).ok();
        }
    }

    pub fn mend(&self) {
        self.state.lock().unwrap().cut = false;
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream) {
    spawn(move || {
        let mut bytes = [0; 65_536];
        while let Ok(n @ 1..) = from.read(&mut bytes) {
            if to.write_all(&bytes[..n]).is_err() {
                break;
            }
        }
        from.shutdown(Shutdown::Both).ok();
        to.shutdown(Shutdown::Both).ok();
    });
}
