#pragma once

#include <windows.h>

#include <string>

namespace wsb::bench {

/// The arguments of a measure; each measure defines the meaning of the last three.
struct Request {
    CLSID ours;
    CLSID peer;
    int rounds;
    size_t size;
    std::wstring text;
    std::wstring peerText;
};

// Each function prints its result, in microseconds unless documented otherwise.

/// Measures PreRestore with an empty handler, `size` times a round.
void MeasureCall(const Request& request);
/// Measures IsRollForwardSupported, which has no arguments, `size` times a round.
void MeasureQuestion(const Request& request);
/// Measures PreRestore with `size` bytes of metadata.
void MeasureMetadata(const Request& request);
/// Measures OrderComponents of `size` components.
void MeasureOrder(const Request& request);
/// Measures QueryStatus of a running check, `size` times a round.
void MeasureStatus(const Request& request);
/// Measures activation and first answer of a new server process.
void MeasureColdStart(const Request& request);
/// Measures from the start of the server's process until its class is available. The classes are
/// not registered, because Wine's COM checks only once a second whether a server that it started is
/// ready; `text` and `peerText` are the servers' command lines.
void MeasureServing(const Request& request);
/// Measures the same for our server, compared with a whole run of the command line `peerText`.
void MeasureStartBesideProgram(const Request& request);
/// Measures activation in a running server process, `size` times a round.
void MeasureWarmStart(const Request& request);
/// Measures `size` simultaneous clients for a second, together with a slow call when `text` is
/// "slow". Each round prints calls per second, the 99th percentile, and the share of the client
/// with the fewest calls, where 1 is an equal share.
void MeasureCrowd(const Request& request);
/// Measures PreRestore and PostRestore with the service `text`, compared with stopping and starting
/// it.
void MeasureService(const Request& request);
/// Makes backups with the writers of these ids, and measures from freeze to the answer of thaw,
/// without the copy between them.
void MeasureFreeze(const Request& request);
/// Restores `size` components, all PreRestores before all PostRestores, and prints four lists for
/// each side: the first and the last hundred PreRestores, the first and the last hundred
/// PostRestores.
void MeasureGrowth(const Request& request);
/// Calls only our server, `rounds` times, with `size` bytes of metadata; prints nothing.
void CallOnly(const Request& request);

}  // namespace wsb::bench
