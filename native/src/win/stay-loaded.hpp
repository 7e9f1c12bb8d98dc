#pragma once

namespace wsb::win {

/// Keeps the shim in the process for ever. Node.js unloads it with the worker thread that loaded
/// it, and the process would crash if other threads still run in it.
void StayLoaded();

}  // namespace wsb::win
