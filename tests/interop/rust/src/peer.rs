//! rust_socketio's two clients behind one way to connect, emit, call and wait: every method blocks, whichever client is inside.
use std::sync::mpsc::{channel, Receiver, Sender};
use std::time::{Duration, Instant};

use futures_util::future::FutureExt;
use rust_socketio::{asynchronous, client, ClientBuilder, Event, Payload, TransportType};
use serde_json::Value;
use tokio::runtime::Runtime;

pub const PATIENCE: Duration = Duration::from_secs(15); // nothing here takes one

pub type Outcome<T> = Result<T, String>;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Flavour {
    Blocking,
    Asynchronous,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    Values(Vec<Value>),
    Bytes(Vec<u8>),
}

impl From<Payload> for Said {
    fn from(payload: Payload) -> Self {
        match payload {
            Payload::Binary(bytes) => Said::Bytes(bytes.to_vec()),
            Payload::Text(values) => Said::Values(values),
            other => Said::Values(vec![Value::String(format!("{other:?}"))]),
        }
    }
}

impl From<Said> for Payload {
    fn from(said: Said) -> Self {
        match said {
            Said::Bytes(bytes) => Payload::from(bytes),
            Said::Values(values) => Payload::Text(values),
        }
    }
}

pub struct Address {
    pub url: String,
    pub transport: TransportType,
    pub namespace: &'static str,
    pub auth: Value,
}

enum Client {
    Blocking(client::Client),
    Asynchronous(asynchronous::Client),
}

/// One socket: the client knows one namespace for each connection. It is never disconnected but by the end of the program: after its own
/// disconnect the blocking client comes back, or keeps a core busy asking a closed connection for packets.
pub struct Peer<'a> {
    runtime: &'a Runtime,
    client: Client,
    heard: Receiver<(String, Said)>,
    put_by: Vec<(String, Said)>,
}

impl<'a> Peer<'a> {
    pub fn connect(runtime: &'a Runtime, flavour: Flavour, address: Address) -> Outcome<Self> {
        let (tell, heard) = channel();
        let client = match flavour {
            Flavour::Blocking => Client::Blocking(blocking(address, tell)?),
            Flavour::Asynchronous => Client::Asynchronous(runtime.block_on(asynchronous(address, tell))?),
        };
        Ok(Peer { runtime, client, heard, put_by: Vec::new() })
    }

    pub fn emit(&self, event: &str, said: Said) -> Outcome<()> {
        match &self.client {
            Client::Blocking(client) => client.emit(event, said),
            Client::Asynchronous(client) => self.runtime.block_on(client.emit(event, said)),
        }
        .map_err(|error| format!("emit of {event}: {error}"))
    }

    /// The acknowledgement: what was acknowledged is one array, or the bytes alone.
    pub fn call(&self, event: &str, said: Said) -> Outcome<Said> {
        let (tell, answered) = channel();
        match &self.client {
            Client::Blocking(client) => client.emit_with_ack(event, said, PATIENCE, move |payload, _| drop(tell.send(payload.into()))),
            Client::Asynchronous(client) => {
                let hear = move |payload: Payload, _| {
                    let _ = tell.send(payload.into());
                    async {}.boxed()
                };
                self.runtime.block_on(client.emit_with_ack(event, said, PATIENCE, hear))
            }
        }
        .map_err(|error| format!("emit of {event}: {error}"))?;
        answered.recv_timeout(PATIENCE).map_err(|_| format!("no acknowledgement of {event} within {PATIENCE:?}"))
    }

    /// The first not yet taken of those events that `wanted` accepts. Events that it does not accept can be taken later.
    pub fn next_where(&mut self, what: &str, wanted: impl Fn(&str) -> bool) -> Outcome<(String, Said)> {
        if let Some(at) = self.put_by.iter().position(|(event, _)| wanted(event)) {
            return Ok(self.put_by.remove(at));
        }
        let end = Instant::now() + PATIENCE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let heard = self.heard.recv_timeout(left).map_err(|_| format!("no {what} within {PATIENCE:?}"))?;
            if wanted(&heard.0) {
                return Ok(heard);
            }
            self.put_by.push(heard);
        }
    }

    pub fn next(&mut self, event: &str) -> Outcome<Said> {
        self.next_where(event, |heard| heard == event).map(|(_, said)| said)
    }

    pub fn heard_nothing_of(&mut self, event: &str) -> bool {
        self.put_by.extend(self.heard.try_iter());
        self.put_by.iter().all(|(heard, _)| heard != event)
    }
}

fn blocking(address: Address, tell: Sender<(String, Said)>) -> Outcome<client::Client> {
    let mut builder =
        ClientBuilder::new(address.url).namespace(address.namespace).auth(address.auth).transport_type(address.transport).reconnect_delay(100, 200);
    for event in [Event::Connect, Event::Close, Event::Error] {
        let (name, tell) = (event.to_string(), tell.clone());
        builder = builder.on(event, move |payload, _| drop(tell.send((name.clone(), payload.into()))));
    }
    builder = builder.on_any(move |event, payload, _| drop(tell.send((event.to_string(), payload.into()))));
    builder.connect().map_err(|error| format!("connect: {error:?}"))
}

async fn asynchronous(address: Address, tell: Sender<(String, Said)>) -> Outcome<asynchronous::Client> {
    let mut builder = asynchronous::ClientBuilder::new(address.url)
        .namespace(address.namespace)
        .auth(address.auth)
        .transport_type(address.transport)
        .reconnect_delay(100, 200);
    for event in [Event::Connect, Event::Close, Event::Error] {
        let (name, tell) = (event.to_string(), tell.clone());
        builder = builder.on(event, move |payload, _| {
            let _ = tell.send((name.clone(), payload.into()));
            async {}.boxed()
        });
    }
    builder = builder.on_any(move |event, payload, _| {
        let _ = tell.send((event.to_string(), payload.into()));
        async {}.boxed()
    });
    builder.connect().await.map_err(|error| format!("connect: {error:?}"))
}
