/** The measured writer; native/bench/plain-writer.hpp does the same without JavaScript. */
import { defineWriter, type Writer } from "wsb-addin";

const writer: Writer = defineWriter({ freeze() {}, thaw() {} });
export default writer;
