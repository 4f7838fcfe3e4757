//! A bare broadcast of tokio-tungstenite, in a process of its own as ours is: a line in is a text to everybody.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use futures_util::SinkExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::sync::broadcast;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;

use super::consoles::Consoles;
use super::{MARK, resident_kb};

/// The argument with which this binary is that process.
pub const ARGUMENT: &str = "--bare-broadcast";

/// Texts that may wait for a console; one is told at a time.
const QUEUE: usize = 16;

/// The process and everybody connected to it; ends with its input.
pub struct Bare {
    child: Child,
    input: Option<ChildStdin>,
    consoles: Consoles,
    pub each_kb: u64,
}

impl Bare {
    pub async fn open(count: usize) -> Self {
        let program = std::env::current_exe().expect("this program has a path");
        let mut child = Command::new(program)
            .arg(ARGUMENT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program can be run again");
        let input = child.stdin.take();
        let mut address = String::new();
        BufReader::new(child.stdout.take().expect("its output is piped")).read_line(&mut address).expect("a line");
        let before = resident_kb(child.id());
        let consoles = Consoles::connect(&format!("ws://{}", address.trim()), count, None, MARK).await;
        let mut bare = Self { child, input, consoles, each_kb: 0 };
        bare.tell(MARK).await;
        bare.each_kb = resident_kb(bare.child.id()).saturating_sub(before) / count as u64;
        bare
    }

    /// From the word until the last console has it.
    pub async fn tell(&mut self, text: &str) -> Duration {
        let began = Instant::now();
        let input = self.input.as_mut().expect("it is open until the end");
        writeln!(input, "{text}").expect("the process listens");
        self.consoles.last().await.at.duration_since(began)
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        drop(self.input.take());
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Runs as that process, until its input ends.
pub fn serve() {
    let runtime = Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let told = broadcast::Sender::new(QUEUE);
    let address = runtime.block_on(TcpListener::bind("127.0.0.1:0"));
    let listener = address.expect("a free port of loopback");
    println!("{}", listener.local_addr().expect("a bound address"));
    runtime.spawn(accept(listener, told.clone()));
    for line in std::io::stdin().lines().map_while(Result::ok) {
        told.send(Message::text(line)).ok();
    }
    runtime.shutdown_background();
}

async fn accept(listener: TcpListener, told: broadcast::Sender<Message>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(tell(stream, told.subscribe()));
    }
}

async fn tell(stream: TcpStream, mut told: broadcast::Receiver<Message>) {
    stream.set_nodelay(true).ok();
    let Ok(mut socket) = accept_async(stream).await else { return };
    while let Ok(message) = told.recv().await {
        if socket.send(message).await.is_err() {
            return;
        }
    }
}
