//! The peer of bench/peers on socketioxide, as its documentation sets it up: a layer of axum, on tokio's multi-threaded runtime.
//!     socketioxide-peer [--port N] [--threads N]        (any free port; one thread per core)

mod args;

use args::Args;
use axum::serve::ListenerExt;
use rmpv::Value;
use socketioxide::SocketIo;
use socketioxide::extract::{Data, SocketRef};
use std::error::Error;
use std::io::Write;
use std::net::Ipv4Addr;
use tokio::net::{TcpListener, TcpSocket};

/// An emit beyond it fails, and its event is lost: an answer that is never sent costs nothing, so there must be room.
const PACKETS_PER_CONNECTION: usize = 10_000;

/// Clients that may wait for being accepted. tokio's own 128 are fewer than Node's 511, and who finds no place tries again after a second.
const BACKLOG: u32 = 4096;

struct Flags {
    port: u16,
    threads: usize,
}

fn read_flags() -> Result<Flags, Box<dyn Error>> {
    let mut flags = Flags { port: 0, threads: 0 };
    let mut words = std::env::args().skip(1);
    while let Some(name) = words.next() {
        let value = words.next().ok_or_else(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--port" => flags.port = value.parse()?,
            "--threads" => flags.threads = value.parse()?,
            _ => return Err(format!("unknown flag {name}").into()),
        }
    }
    Ok(flags)
}

// What fails to be sent has lost its receiver, or its receiver reads too slowly: nobody is left to be told.
async fn on_connect(socket: SocketRef) {
    socket.on("echo", async |socket: SocketRef, Data::<Args>(args)| {
        socket.emit("echo", &args).ok();
    });
    socket.on("bcast", async |io: SocketIo, Data::<Args>(args)| {
        io.emit("bcast", &args).await.ok();
    });
    socket.on("join", async |socket: SocketRef, Data::<String>(name)| {
        socket.join(name.clone());
        socket.emit("joined", &name).ok();
    });
    socket.on("room", async |io: SocketIo, Data::<(String, Value)>((name, payload))| {
        io.to(name).emit("room", &payload).await.ok();
    });
}

fn listen(port: u16) -> std::io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind((Ipv4Addr::LOCALHOST, port).into())?;
    socket.listen(BACKLOG)
}

async fn serve(port: u16) -> Result<(), Box<dyn Error>> {
    let (layer, io) = SocketIo::builder().max_buffer_size(PACKETS_PER_CONNECTION).build_layer();
    io.ns("/", on_connect);
    let listener = listen(port)?;
    println!("listening on http://{}", listener.local_addr()?);
    std::io::stdout().flush()?;
    // Without delay, as Node and Bun have it too.
    let listener = listener.tap_io(|stream| {
        stream.set_nodelay(true).ok();
    });
    axum::serve(listener, axum::Router::new().layer(layer)).await?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let flags = read_flags()?;
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if flags.threads > 0 {
        builder.worker_threads(flags.threads);
    }
    builder.enable_all().build()?.block_on(serve(flags.port))
}
