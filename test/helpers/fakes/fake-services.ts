export { TestServices as FakeServices } from "../../../src/testing/services.ts";
