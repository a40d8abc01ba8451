// Sending and reading. A conversation is one document with the ids of all its messages: a send loads it and saves it, a history populates it.
import { Conversation, Message } from "./models.mjs";

const between = (one, other) => ({ participants: { $all: [one, other] } });

export const send = (sockets) => async (request, response) => {
  const senderId = request.user._id;
  const receiverId = request.params.id;
  const conversation = await Conversation.findOne(between(senderId, receiverId))
    ?? await Conversation.create({ participants: [senderId, receiverId] });
  const message = new Message({ senderId, receiverId, message: request.body.message });
  conversation.messages.push(message._id);
  await Promise.all([conversation.save(), message.save()]);
  sockets.notify(receiverId, "newMessage", message);
  response.status(201).json(message);
};

export async function history(request, response) {
  const conversation = await Conversation.findOne(between(request.user._id, request.params.id)).populate("messages");
  response.status(200).json(conversation?.messages ?? []);
}
