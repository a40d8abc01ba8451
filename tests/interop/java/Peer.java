import io.socket.client.Ack;
import io.socket.client.AckWithTimeout;
import io.socket.client.IO;
import io.socket.client.Manager;
import io.socket.client.Socket;
import java.net.URI;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** One socket of the official Java client, with a queue of what was heard of each event. A `question` is answered with its own arguments. */
final class Peer {
  static final long PATIENCE = 15_000;  // milliseconds; the longest here is a missing ping

  final Socket socket;
  private final Map<String, BlockingQueue<Object[]>> heard = new ConcurrentHashMap<>();
  volatile Object[] answer;  // instead of the question's own arguments

  static Manager manager(String url, String... transports) {
    IO.Options options = IO.Options.builder()
        .setTransports(transports).setReconnectionDelay(100).setReconnectionDelayMax(200).setRandomizationFactor(0).build();
    return new Manager(URI.create(url), options);
  }

  Peer(Manager manager, String namespace, Map<String, String> auth) {
    socket = manager.socket(namespace, IO.Options.builder().setAuth(auth).build());
    for (String event : new String[] {Socket.EVENT_CONNECT, Socket.EVENT_DISCONNECT, Socket.EVENT_CONNECT_ERROR}) {
      socket.on(event, said -> queue(event).add(said));
    }
    socket.onAnyIncoming(said -> hear((String) said[0], Arrays.copyOfRange(said, 1, said.length)));
    socket.connect();
  }

  private void hear(String event, Object[] said) {
    if (said.length > 0 && said[said.length - 1] instanceof Ack) {
      Object[] asked = Arrays.copyOf(said, said.length - 1);
      ((Ack) said[said.length - 1]).call(answer == null ? asked : answer);
    } else {
      queue(event).add(said);
    }
  }

  private BlockingQueue<Object[]> queue(String event) { return heard.computeIfAbsent(event, name -> new LinkedBlockingQueue<>()); }

  boolean heardNothingOf(String event) { return queue(event).isEmpty(); }

  Object[] next(String event) throws InterruptedException {
    Object[] said = queue(event).poll(PATIENCE, TimeUnit.MILLISECONDS);
    if (said == null) throw new AssertionError("no " + event + " within " + PATIENCE + " ms");
    return said;
  }

  Peer connected() throws InterruptedException {
    next(Socket.EVENT_CONNECT);
    return this;
  }

  void emit(String event, Object... said) { socket.emit(event, said); }

  Object[] call(String event, Object... said) throws Exception {
    CompletableFuture<Object[]> answered = new CompletableFuture<>();
    socket.emit(event, said, new AckWithTimeout(PATIENCE) {
      @Override public void onSuccess(Object... answer) { answered.complete(answer); }
      @Override public void onTimeout() { answered.completeExceptionally(new AssertionError("no acknowledgement of " + event)); }
    });
    return answered.get(PATIENCE + 1_000, TimeUnit.MILLISECONDS);
  }
}
