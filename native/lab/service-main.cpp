#include <windows.h>

#include <cstdio>
#include <optional>
#include <string>

#include "process-arguments.hpp"
#include "service-command.hpp"
#include "service-host.hpp"
#include "service-options.hpp"
#include "win/hresult.hpp"

namespace {

using wsb::lab::CommandKind;
using wsb::lab::CommandOutcome;
using wsb::lab::Options;

constexpr wchar_t kUsage[] =
    L"Usage: wsb-lab-service install <name> [--display <text>] [--data <file>]\n"
    L"                               [--depends <service>]... [--start-delay-ms <n>]\n"
    L"                               [--stop-delay-ms <n>] [--refuse-stop] [--fail-start]\n"
    L"       wsb-lab-service uninstall <name>\n"
    L"       wsb-lab-service shutdown | preshutdown <name>\n"
    L"The last two tell a writer's service that Windows shuts down, which Wine tells nobody.\n"
    L"A service for demonstrations and tests. It holds its data file open while it runs.";

void Print(std::FILE* stream, const std::wstring& text) {
    const int length = static_cast<int>(text.size());
    std::string utf8(text.size() * 3, '\0');
    const int sizeBytes = ::WideCharToMultiByte(CP_UTF8, 0, text.c_str(), length, utf8.data(),
                                                static_cast<int>(utf8.size()), nullptr, nullptr);
    utf8.resize(static_cast<size_t>(sizeBytes));
    std::fprintf(stream, "%s\n", utf8.c_str());
}

int Report(const CommandOutcome& outcome) {
    Print(outcome.exitCode == 0 ? stdout : stderr, outcome.text);
    return outcome.exitCode;
}

int Execute(const Options& options) {
    switch (options.command) {
        case CommandKind::kInstall:
            return Report(wsb::lab::InstallService(options));
        case CommandKind::kUninstall:
            return Report(wsb::lab::UninstallService(options.name));
        case CommandKind::kRun:
            return wsb::lab::RunService();
        case CommandKind::kShutdown:
        case CommandKind::kPreshutdown:
            return Report(wsb::lab::PlayShutdown(options));
    }
    return 2;
}

}  // namespace

int wmain() try {
    const std::optional<Options> options = wsb::lab::ParseOptions(wsb::lab::ProcessArguments());
    if (!options.has_value()) {
        Print(stderr, kUsage);
        return 2;
    }
    return Execute(*options);
} catch (const wsb::win::HresultError& error) {
    const std::string api = error.api();
    Print(stderr, L"The service command failed: " + wsb::win::SystemMessage(error.code()) + L" (" +
                      std::wstring(api.begin(), api.end()) +
                      L"). Run it from an elevated prompt, or without arguments for usage.");
    return 1;
}
