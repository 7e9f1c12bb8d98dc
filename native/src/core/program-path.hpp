#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wsb {

/// Returns the paths that a command line may mean as its program, in the order in which
/// CreateProcessW tries them: a path without quotes may itself contain spaces. Empty for an empty
/// command line.
/// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-createprocessw
[[nodiscard]] std::vector<std::wstring> ProgramCandidates(std::wstring_view commandLine);

}  // namespace wsb
