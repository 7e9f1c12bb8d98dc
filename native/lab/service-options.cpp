#include "service-options.hpp"

#include <cstddef>

namespace wsb::lab {
namespace {

std::optional<CommandKind> ParseCommand(std::wstring_view word) {
    if (word == L"install") {
        return CommandKind::kInstall;
    }
    if (word == L"uninstall") {
        return CommandKind::kUninstall;
    }
    if (word == L"run") {
        return CommandKind::kRun;
    }
    if (word == L"shutdown") {
        return CommandKind::kShutdown;
    }
    if (word == L"preshutdown") {
        return CommandKind::kPreshutdown;
    }
    return std::nullopt;
}

std::optional<uint32_t> ParseMilliseconds(std::wstring_view text) {
    constexpr uint32_t kLongest = 24 * 60 * 60 * 1000;
    uint32_t value = 0;
    for (const wchar_t digit : text) {
        if (digit < L'0' || digit > L'9' || value > kLongest) {
            return std::nullopt;
        }
        value = value * 10 + static_cast<uint32_t>(digit - L'0');
    }
    return text.empty() || value > kLongest ? std::nullopt : std::optional{value};
}

bool ParseFlag(std::wstring_view flag, ServiceBehaviour& behaviour) {
    if (flag == L"--refuse-stop") {
        behaviour.refuseStop = true;
        return true;
    }
    if (flag == L"--fail-start") {
        behaviour.failStart = true;
        return true;
    }
    return false;
}

bool ParseDelay(std::wstring_view text, uint32_t& delayMs) {
    const std::optional<uint32_t> parsed = ParseMilliseconds(text);
    delayMs = parsed.value_or(0);
    return parsed.has_value();
}

bool ParseValue(std::wstring_view flag, const std::wstring& value, Options& options) {
    if (flag == L"--display") {
        options.displayName = value;
        return true;
    }
    if (flag == L"--depends") {
        options.dependsOn.push_back(value);
        return !value.empty();
    }
    if (flag == L"--data") {
        options.behaviour.dataFile = value;
        return !value.empty();
    }
    if (flag == L"--start-delay-ms") {
        return ParseDelay(value, options.behaviour.startDelayMs);
    }
    if (flag == L"--stop-delay-ms") {
        return ParseDelay(value, options.behaviour.stopDelayMs);
    }
    return false;
}

}  // namespace

std::optional<Options> ParseOptions(const std::vector<std::wstring>& arguments) {
    if (arguments.size() < 2 || arguments[1].empty()) {
        return std::nullopt;
    }
    const std::optional<CommandKind> command = ParseCommand(arguments[0]);
    if (!command.has_value()) {
        return std::nullopt;
    }
    Options options;
    options.command = *command;
    options.name = arguments[1];
    for (size_t i = 2; i < arguments.size(); ++i) {
        if (ParseFlag(arguments[i], options.behaviour)) {
            continue;
        }
        if (i + 1 == arguments.size() || !ParseValue(arguments[i], arguments[i + 1], options)) {
            return std::nullopt;
        }
        ++i;
    }
    if (options.displayName.empty()) {
        options.displayName = options.name;
    }
    return options;
}

std::wstring QuoteArgument(std::wstring_view argument) {
    std::wstring quoted = L"\"";
    size_t backslashes = 0;
    for (const wchar_t character : argument) {
        if (character == L'\\') {
            ++backslashes;
            continue;
        }
        // Backslashes are literal unless a quote follows them.
        quoted.append(character == L'"' ? backslashes * 2 + 1 : backslashes, L'\\');
        quoted.push_back(character);
        backslashes = 0;
    }
    quoted.append(backslashes * 2, L'\\');
    quoted.push_back(L'"');
    return quoted;
}

std::wstring RunCommandLine(const std::wstring& exePath, const Options& options) {
    const ServiceBehaviour& behaviour = options.behaviour;
    std::wstring line = QuoteArgument(exePath) + L" run " + QuoteArgument(options.name);
    if (!behaviour.dataFile.empty()) {
        line += L" --data " + QuoteArgument(behaviour.dataFile);
    }
    if (behaviour.startDelayMs > 0) {
        line += L" --start-delay-ms " + std::to_wstring(behaviour.startDelayMs);
    }
    if (behaviour.stopDelayMs > 0) {
        line += L" --stop-delay-ms " + std::to_wstring(behaviour.stopDelayMs);
    }
    if (behaviour.refuseStop) {
        line += L" --refuse-stop";
    }
    if (behaviour.failStart) {
        line += L" --fail-start";
    }
    return line;
}

}  // namespace wsb::lab
