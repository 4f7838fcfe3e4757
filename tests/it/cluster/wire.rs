//! A line between two processes that can be cut and mended.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, Weak};
use std::thread::spawn;

#[derive(Default)]
struct State {
    cut: bool,
    over: bool,
    /// Weak, so that a line that ends by itself is closed: of hundreds of schedules each opens hundreds.
    open: Vec<Weak<TcpStream>>,
}

pub struct Wire {
    pub port: u16,
    state: Arc<Mutex<State>>,
}

impl Wire {
    /// To whoever listens at `port`. Its threads end with it.
    pub fn to(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let wire = Self { port: listener.local_addr().unwrap().port(), state: Arc::default() };
        let state = wire.state.clone();
        spawn(move || {
            for client in listener.incoming() {
                if state.lock().unwrap().over {
                    return;
                }
                let (Ok(client), Ok(server)) = (client, TcpStream::connect((Ipv4Addr::LOCALHOST, port))) else {
                    continue;
                };
                let mut state = state.lock().unwrap();
                if !state.cut {
                    let (client, server) = (Arc::new(client), Arc::new(server));
                    state.open.extend([Arc::downgrade(&client), Arc::downgrade(&server)]);
                    carry(client.clone(), server.clone());
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
        for line in state.open.drain(..).filter_map(|it| it.upgrade()) {
            line.shutdown(Shutdown::Both).ok();
        }
    }

    pub fn mend(&self) {
        self.state.lock().unwrap().cut = false;
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.cut();
        self.state.lock().unwrap().over = true;
        // Whoever waits for the next line looks whether there is to be one.
        TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).ok();
    }
}

fn carry(from: Arc<TcpStream>, to: Arc<TcpStream>) {
    spawn(move || {
        let mut bytes = [0; 65_536];
        while let Ok(n @ 1..) = (&*from).read(&mut bytes) {
            if (&*to).write_all(&bytes[..n]).is_err() {
                break;
            }
        }
        from.shutdown(Shutdown::Both).ok();
        to.shutdown(Shutdown::Both).ok();
    });
}
