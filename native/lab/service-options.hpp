#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wsb::lab {

/// The behaviour of a running service: the part of the command line that its ImagePath contains.
struct ServiceBehaviour {
    /// The file that a running service holds open without sharing; empty for none.
    std::wstring dataFile;
    uint32_t startDelayMs = 0;
    uint32_t stopDelayMs = 0;
    bool refuseStop = false;
    bool failStart = false;
};

enum class CommandKind { kInstall, kUninstall, kRun, kShutdown, kPreshutdown };

/// The parsed command line.
struct Options {
    CommandKind command = CommandKind::kRun;
    std::wstring name;
    std::wstring displayName;
    std::vector<std::wstring> dependsOn;
    ServiceBehaviour behaviour;
};

/// Parses the arguments after the program's name; nothing when they are invalid.
[[nodiscard]] std::optional<Options> ParseOptions(const std::vector<std::wstring>& arguments);

/// Returns the command line that runs the service of `options` with the program `exePath`.
[[nodiscard]] std::wstring RunCommandLine(const std::wstring& exePath, const Options& options);

/// Quotes `argument` for CommandLineToArgvW, even if quotes are not necessary.
[[nodiscard]] std::wstring QuoteArgument(std::wstring_view argument);

}  // namespace wsb::lab
