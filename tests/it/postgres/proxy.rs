//! A line to PostgreSQL that can be cut in the middle of a COMMIT.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::spawn;

/// What becomes of the next COMMIT, and of the connection that brings it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// It is lost, and the server hears that the line is.
    Before,
    /// The server has done it, and its answer is lost.
    After,
    /// It is lost, and the server goes on waiting for it: the transaction stays open.
    Silently,
    /// All of the batch is held back, and comes when `Proxy::deliver_late` says so.
    Late,
}

/// What is held back, and the line to the server that it will come on.
type Held = Arc<Mutex<Option<(TcpStream, Vec<u8>)>>>;

/// The messages of our log that begin and end a transaction: `Q`, the length, and this.
const COMMIT: &[u8] = b"COMMIT\0";
const BEGIN: &[u8] = b"BEGIN\0";
const HEADER_BYTES: usize = 5;

/// What a server says when it is ready for the next statement outside a transaction.
const READY: &[u8] = b"Z\0\0\0\x05I";

pub struct Proxy {
    pub port: u16,
    next: Arc<Mutex<Option<Cut>>>,
    held: Held,
}

impl Proxy {
    /// To the server at `port`. Its threads end with the process.
    pub fn to(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let proxy = Self { port: listener.local_addr().unwrap().port(), next: Arc::default(), held: Arc::default() };
        let (next, held) = (proxy.next.clone(), proxy.held.clone());
        spawn(move || {
            for client in listener.incoming() {
                // A server that is away hangs up at once.
                let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else { continue };
                join(client.unwrap(), server, next.clone(), held.clone());
            }
        });
        proxy
    }

    pub fn cut(&self, how: Cut) {
        *self.next.lock().unwrap() = Some(how);
    }

    /// What was held back comes after all; the port on which the server hears it.
    pub fn deliver_late(&self) -> u16 {
        let (mut server, bytes) = self.held.lock().unwrap().take().expect("a batch is held back");
        server.write_all(&bytes).unwrap();
        server.shutdown(Shutdown::Write).unwrap();
        server.local_addr().unwrap().port()
    }

    pub fn has_cut(&self) -> bool {
        self.next.lock().unwrap().is_none()
    }
}

fn join(client: TcpStream, server: TcpStream, next: Arc<Mutex<Option<Cut>>>, held: Held) {
    let (mut from_client, mut to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let (mut from_server, mut to_client) = (server, client);
    // Held while the answer to a COMMIT is to be lost.
    let deaf = Arc::new(Mutex::new(false));
    let is_deaf = deaf.clone();
    spawn(move || {
        let mut bytes = [0; 65_536];
        while let Ok(n @ 1..) = from_server.read(&mut bytes) {
            if *is_deaf.lock().unwrap() {
                if bytes[..n].ends_with(READY) {
                    break;
                }
                continue;
            }
            if to_client.write_all(&bytes[..n]).is_err() {
                break;
            }
        }
        to_client.shutdown(Shutdown::Both).ok();
    });
    spawn(move || {
        let (mut bytes, mut kept) = ([0; 65_536], Vec::new());
        while let Ok(n @ 1..) = from_client.read(&mut bytes) {
            let chunk = &bytes[..n];
            if *next.lock().unwrap() == Some(Cut::Late) && (has(chunk, BEGIN) || !kept.is_empty()) {
                kept.extend_from_slice(chunk);
                if has(&kept, COMMIT) {
                    next.lock().unwrap().take();
                    *held.lock().unwrap() = Some((to_server, kept));
                    from_client.shutdown(Shutdown::Both).unwrap();
                    return;
                }
                continue;
            }
            let commit = place_of(chunk, COMMIT);
            let cut = commit.and_then(|at| Some((at, next.lock().unwrap().take()?)));
            match cut {
                None => {
                    if to_server.write_all(chunk).is_err() {
                        break;
                    }
                }
                Some((_, Cut::After)) => {
                    *deaf.lock().unwrap() = true;
                    to_server.write_all(chunk).unwrap();
                }
                Some((at, Cut::Before)) => {
                    to_server.write_all(&chunk[..at - HEADER_BYTES]).unwrap();
                    to_server.shutdown(Shutdown::Both).unwrap();
                    break;
                }
                Some((_, Cut::Late)) => unreachable!("what begins while the line is to be late is held back"),
                Some((at, Cut::Silently)) => {
                    to_server.write_all(&chunk[..at - HEADER_BYTES]).unwrap();
                    from_client.shutdown(Shutdown::Both).unwrap();
                    // Nothing more is written, and nothing closed: the server does that, when it has waited enough.
                    let mut rest = to_server.try_clone().unwrap();
                    while let Ok(1..) = rest.read(&mut bytes) {}
                    break;
                }
            }
        }
        to_server.shutdown(Shutdown::Write).ok();
    });
}

fn place_of(bytes: &[u8], words: &[u8]) -> Option<usize> {
    bytes.windows(words.len()).position(|it| it == words)
}

fn has(bytes: &[u8], words: &[u8]) -> bool {
    place_of(bytes, words).is_some()
}
