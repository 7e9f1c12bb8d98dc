#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wsb::lab {

/// What the service does while it runs; the part of the command line that its ImagePath keeps.
struct ServiceBehaviour {
    /// Held open without sharing while the service runs; empty for none.
    std::wstring dataFile;
    uint32_t startDelayMs = 0;
    uint32_t stopDelayMs = 0;
    bool refuseStop = false;
    bool failStart = false;
};

enum class CommandKind { kInstall, kUninstall, kRun };

/// The command line, understood.
struct Options {
    CommandKind command = CommandKind::kRun;
    std::wstring name;
    std::wstring displayName;
    std::vector<std::wstring> dependsOn;
    ServiceBehaviour behaviour;
};

/// Reads the arguments after the program's name; nothing when they make no sense.
[[nodiscard]] std::optional<Options> ParseOptions(const std::vector<std::wstring>& arguments);

/// The command line that runs the service `options` describe with the program `exePath`.
[[nodiscard]] std::wstring RunCommandLine(const std::wstring& exePath, const Options& options);

/// `argument` as CommandLineToArgvW reads it back, always in quotes.
[[nodiscard]] std::wstring QuoteArgument(std::wstring_view argument);

}  // namespace wsb::lab
