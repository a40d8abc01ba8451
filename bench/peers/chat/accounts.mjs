// Signing up, logging in and out, and who is asking. bcryptjs hashes on the event loop; a token costs a database read at each request.
import bcrypt from "bcryptjs";
import jwt from "jsonwebtoken";

import { User } from "./models.mjs";

const fifteenDays = 15 * 24 * 60 * 60 * 1000;

function giveToken(response, userId) {
  const token = jwt.sign({ userId }, process.env.JWT_SECRET, { expiresIn: "15d" });
  response.cookie("jwt", token, { maxAge: fifteenDays, httpOnly: true, sameSite: "strict", secure: process.env.NODE_ENV !== "development" });
}

const shown = ({ _id, fullName, username, profilePic }) => ({ _id, fullName, username, profilePic });
const refuse = (response, status, error) => response.status(status).json({ error });

export async function signUp(request, response) {
  const { fullName, username, password, confirmPassword, gender } = request.body;
  if (password !== confirmPassword) return refuse(response, 400, "Passwords don't match");
  if (await User.findOne({ username })) return refuse(response, 400, "Username already exists");
  const hash = await bcrypt.hash(password, await bcrypt.genSalt(10));
  const picture = `https://avatar.iran.liara.run/public/${gender === "male" ? "boy" : "girl"}?username=${username}`;
  const user = new User({ fullName, username, password: hash, gender, profilePic: picture });
  giveToken(response, user._id);
  await user.save();
  response.status(201).json(shown(user));
}

export async function logIn(request, response) {
  const { username, password } = request.body;
  const user = await User.findOne({ username });
  const right = await bcrypt.compare(password, user?.password || "");
  if (!user || !right) return refuse(response, 400, "Invalid username or password");
  giveToken(response, user._id);
  response.status(200).json(shown(user));
}

export function logOut(request, response) {
  response.cookie("jwt", "", { maxAge: 0 });
  response.status(200).json({ message: "Logged out successfully" });
}

/** Middleware: sets request.user, or answers. */
export async function identify(request, response, next) {
  const token = request.cookies.jwt;
  if (!token) return refuse(response, 401, "Unauthorized - No Token Provided");
  const { userId } = jwt.verify(token, process.env.JWT_SECRET);
  const user = await User.findById(userId).select("-password");
  if (!user) return refuse(response, 404, "User not found");
  request.user = user;
  next();
}
