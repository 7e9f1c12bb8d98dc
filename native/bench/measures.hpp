#pragma once

#include <windows.h>

#include <string>

namespace wsb::bench {

/// What every measure gets; what the last three stand for is the measure's own.
struct Request {
    CLSID ours;
    CLSID peer;
    int rounds;
    size_t size;
    std::wstring text;
    std::wstring peerText;
};

// Each prints what it has measured, in microseconds unless it says otherwise.

/// PreRestore of a handler that does nothing, `size` times a round.
void MeasureCall(const Request& request);
/// IsRollForwardSupported, which has no arguments, `size` times a round.
void MeasureQuestion(const Request& request);
/// PreRestore with `size` bytes of metadata.
void MeasureMetadata(const Request& request);
/// OrderComponents of `size` components.
void MeasureOrder(const Request& request);
/// QueryStatus of a check that runs, `size` times a round.
void MeasureStatus(const Request& request);
/// Activation and first answer in a server process that was not there.
void MeasureColdStart(const Request& request);
/// From the start of the server's process to the moment when its class can be had. The classes are
/// not registered, `text` and `peerText` are the servers' command lines: Wine's COM looks only once
/// a second whether a server that it has started is ready.
void MeasureServing(const Request& request);
/// The same of ours, beside a program that runs to its end: the command line `peerText`.
void MeasureStartBesideProgram(const Request& request);
/// Activation in a server process that serves already, `size` times a round.
void MeasureWarmStart(const Request& request);
/// `size` clients at once for a second; while one more is in a slow call when `text` is "slow".
/// A round's list: calls a second, the 99th percentile, and the share of the client that got the
/// fewest calls, 1 being as many as the others.
void MeasureCrowd(const Request& request);
/// PreRestore and PostRestore around a service named `text`, beside stopping and starting it.
void MeasureService(const Request& request);
/// Calls ours alone, `rounds` times, with `size` bytes of metadata; prints nothing.
void CallOnly(const Request& request);

}  // namespace wsb::bench
