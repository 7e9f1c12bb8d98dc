#include "program-path.hpp"

#include <algorithm>
#include <cstddef>

namespace wsb {
namespace {

constexpr std::wstring_view kBlanks = L" \t";
// The service control manager stores some paths in the kernel's notation.
constexpr std::wstring_view kKernelPrefix = L"\\??\\";

void AddCandidate(std::vector<std::wstring>& candidates, std::wstring_view path) {
    if (path.starts_with(kKernelPrefix)) {
        path.remove_prefix(kKernelPrefix.size());
    }
    candidates.emplace_back(path);
    const size_t nameStart = path.find_last_of(L"\\/:") + 1;
    if (path.find(L'.', nameStart) == std::wstring_view::npos) {
        candidates.push_back(candidates.back() + L".exe");
    }
}

}  // namespace

std::vector<std::wstring> ProgramCandidates(std::wstring_view commandLine) {
    std::vector<std::wstring> candidates;
    commandLine.remove_prefix(std::min(commandLine.find_first_not_of(kBlanks), commandLine.size()));
    if (commandLine.starts_with(L'"')) {
        commandLine.remove_prefix(1);
        AddCandidate(candidates, commandLine.substr(0, commandLine.find(L'"')));
        return candidates;
    }
    for (size_t at = 0; at < commandLine.size();) {
        const size_t end = std::min(commandLine.find_first_of(kBlanks, at), commandLine.size());
        AddCandidate(candidates, commandLine.substr(0, end));
        at = std::min(commandLine.find_first_not_of(kBlanks, end), commandLine.size());
    }
    return candidates;
}

}  // namespace wsb
