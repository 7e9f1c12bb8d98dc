#pragma once

namespace wsb::bench {

// Objects and locks on the class keep the process alive through these functions.

void EnterProcess() noexcept;

/// Removes a use; the last one ends the process.
void LeaveProcess() noexcept;

/// Blocks until the last use has ended; class objects are suspended by then.
void WaitUntilUnused() noexcept;

}  // namespace wsb::bench
