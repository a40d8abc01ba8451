// The chat peer: a chat backend as it is taught, on Express, Mongoose and Socket.IO, with the wire behaviour and the costs of the original. One process.
//     PORT=0 MONGO_DB_URI=… JWT_SECRET=… NODE_ENV=production node server.mjs        (PORT 0: any free port)
// It serves no page. Unlike the original it listens only when the database is there, so that whoever started it knows when to begin.
import http from "node:http";

import cookieParser from "cookie-parser";
import express from "express";
import mongoose from "mongoose";

import { identify, logIn, logOut, signUp } from "./accounts.mjs";
import { history, send } from "./messages.mjs";
import { User } from "./models.mjs";
import { openSockets } from "./sockets.mjs";

// What a handler cannot do is answered with a 500, in the words that the original has there.
const answering = (handler, sorry = "Internal server error") => async (request, response, next) => {
  try {
    await handler(request, response, next);
  } catch {
    response.status(500).json({ error: sorry });
  }
};

async function everybodyElse(request, response) {
  response.json(await User.find({ _id: { $ne: request.user._id } }).select("-password"));
}

const app = express();
const server = http.createServer(app);
const sockets = openSockets(server);
const known = answering(identify, "Internal server error!!!");
const account = (handler) => answering(handler, "Internal Server Error");

app.use(express.json());
app.use(cookieParser());
app.post("/api/auth/signup", account(signUp));
app.post("/api/auth/login", account(logIn));
app.post("/api/auth/logout", account(logOut));
app.get("/api/users", known, answering(everybodyElse));
app.get("/api/messages/:id", known, answering(history));
app.post("/api/messages/send/:id", known, answering(send(sockets)));

await mongoose.connect(process.env.MONGO_DB_URI);
await User.init(); // the index of usernames
server.listen(Number(process.env.PORT || 5000), "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
