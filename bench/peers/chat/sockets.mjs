// Who is online, told in full to everyone on each change, and one socket per user: the last one that came. A socket says itself whose it is.
import { Server } from "socket.io";

export function openSockets(server) {
  const io = new Server(server, { cors: { origin: ["http://localhost:3000"], methods: ["GET", "POST"] } });
  const socketOf = {}; // by user id
  const announce = () => io.emit("getOnlineUsers", Object.keys(socketOf));

  io.on("connection", (socket) => {
    const { userId } = socket.handshake.query;
    if (userId !== "undefined") socketOf[userId] = socket.id;
    announce();
    socket.on("disconnect", () => {
      delete socketOf[userId];
      announce();
    });
  });

  return {
    notify(userId, event, value) {
      const id = socketOf[userId];
      if (id) io.to(id).emit(event, value);
    },
  };
}
