// The documents of the wire contract ("MongoDB documents"), as Mongoose writes them.
import mongoose from "mongoose";

const text = (more = {}) => ({ type: String, required: true, ...more });
const reference = (model) => ({ type: mongoose.Schema.Types.ObjectId, ref: model });
const model = (name, fields) => mongoose.model(name, new mongoose.Schema(fields, { timestamps: true }));

export const User = model("User", {
  fullName: text(),
  username: text({ unique: true }),
  password: text({ minlength: 6 }),
  gender: text({ enum: ["male", "female"] }),
  profilePic: { type: String, default: "" },
});

export const Message = model("Message", {
  senderId: { ...reference("User"), required: true },
  receiverId: { ...reference("User"), required: true },
  message: text(),
});

export const Conversation = model("Conversation", {
  participants: [reference("User")],
  messages: [{ ...reference("Message"), default: [] }],
});
