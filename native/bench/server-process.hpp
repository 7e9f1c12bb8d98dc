#pragma once

namespace wsb::bench {

// One pair of functions for what keeps the process alive: objects, and locks on the class.

void EnterProcess() noexcept;

/// The last one that leaves ends the process.
void LeaveProcess() noexcept;

/// Blocks until the last one has left; class objects are suspended by then.
void WaitUntilUnused() noexcept;

}  // namespace wsb::bench
