// The original server's way with its database, in Mongoose: the neighbour that shares one with us. Schemas and steps are those of the wire
// contract's "MongoDB documents"; HTTP and sockets are left out.
import { createRequire } from "node:module";

const mongoose = createRequire(import.meta.url)("mongoose");
const { ObjectId } = mongoose.Types;
const reference = (model) => ({ type: mongoose.Schema.Types.ObjectId, ref: model });

const userSchema = () => new mongoose.Schema({
  fullName: { type: String, required: true },
  username: { type: String, required: true, unique: true },
  password: { type: String, required: true, minlength: 6 },
  gender: { type: String, required: true, enum: ["male", "female"] },
  profilePic: { type: String, default: "" },
}, { timestamps: true });

const messageSchema = () => new mongoose.Schema({
  senderId: { ...reference("User"), required: true },
  receiverId: { ...reference("User"), required: true },
  message: { type: String, required: true },
}, { timestamps: true });

const conversationSchema = () => new mongoose.Schema({
  participants: [reference("User")],
  messages: [{ ...reference("Message"), default: [] }],
}, { timestamps: true });

/** bcrypt of "secret1", as bcryptjs of the original writes it. */
export const hashOfSecret1 = "$2a$10$abcdefghijklmnopqrstuuPPiX6KgYcpLwUoa3DjPDaP2nfJYqxWe";

export const objectId = (text) => text === undefined ? new ObjectId() : new ObjectId(text);

export class MongooseSite {
  static async open(uri) {
    const site = new MongooseSite();
    site.connection = mongoose.createConnection(uri, { autoIndex: false, serverSelectionTimeoutMS: 5000 });
    site.User = site.connection.model("User", userSchema());
    site.Message = site.connection.model("Message", messageSchema());
    site.Conversation = site.connection.model("Conversation", conversationSchema());
    await site.connection.asPromise();
    return site;
  }

  /** The collection as it is, without Mongoose's casts. */
  raw(name) { return this.connection.collection(name); }

  idOf(text) { return objectId(text); }

  async signUp(name, fields = {}) {
    const user = await new this.User({
      fullName: name, username: name, password: hashOfSecret1, gender: "male", profilePic: `https://pictures.test/${name}`, ...fields,
    }).save();
    return { id: user._id.toString(), name };
  }

  /** Find or make the conversation, push, save both at once: with the original's race, and its defect for notes to self. */
  async send(sender, receiver, text) {
    const participants = [sender.id, receiver.id];
    let conversation = await this.Conversation.findOne({ participants: { $all: participants } });
    conversation ??= await this.Conversation.create({ participants });
    const message = new this.Message({ senderId: sender.id, receiverId: receiver.id, message: text });
    conversation.messages.push(message._id);
    await Promise.all([conversation.save(), message.save()]);
    return message;
  }

  /** What the original's page would show: the texts of the conversation, in the order of its array. */
  async history(one, other) {
    const conversation = await this.Conversation.findOne({ participants: { $all: [one.id, other.id] } }).populate("messages");
    return conversation?.messages ?? [];
  }

  async texts(one, other) {
    return (await this.history(one, other)).map(({ message }) => message);
  }

  users(but) {
    return this.User.find({ _id: { $ne: but.id } }).select("-password");
  }

  /** Conversation documents that name these two and nobody else. */
  conversations(one, other) {
    const both = [objectId(one.id), objectId(other.id)];
    return this.raw("conversations").find({ participants: { $all: both, $size: 2 } }).toArray();
  }

  close() { return this.connection.close(); }
}
