#include "src/core/program-path.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace wsb {

using Paths = std::vector<std::wstring>;

TEST_SUITE("the program of a command line") {
    TEST_CASE("is what stands between quotes") {
        CHECK(ProgramCandidates(L"\"C:\\a b\\c.exe\" -k x") == Paths{L"C:\\a b\\c.exe"});
        CHECK(ProgramCandidates(L"  \"C:\\a.exe\"-k") == Paths{L"C:\\a.exe"});
        CHECK(ProgramCandidates(L"\"C:\\a b.exe") == Paths{L"C:\\a b.exe"});
        CHECK(ProgramCandidates(L"\"\" x") == Paths{L"", L".exe"});
    }

    TEST_CASE("without quotes may end at each blank, the shortest first") {
        CHECK(ProgramCandidates(L"C:\\a.exe") == Paths{L"C:\\a.exe"});
        CHECK(ProgramCandidates(L"C:\\a b\\c.exe  -k\tx ") ==
              Paths{L"C:\\a", L"C:\\a.exe", L"C:\\a b\\c.exe", L"C:\\a b\\c.exe  -k",
                    L"C:\\a b\\c.exe  -k\tx"});
    }

    TEST_CASE("may lack its extension") {
        CHECK(ProgramCandidates(L"C:\\a.b\\c") == Paths{L"C:\\a.b\\c", L"C:\\a.b\\c.exe"});
        CHECK(ProgramCandidates(L"svchost -k x") == Paths{L"svchost", L"svchost.exe", L"svchost -k",
                                                          L"svchost -k.exe", L"svchost -k x",
                                                          L"svchost -k x.exe"});
    }

    TEST_CASE("may be in the kernel's notation") {
        CHECK(ProgramCandidates(L"\\??\\C:\\a.exe") == Paths{L"C:\\a.exe"});
        CHECK(ProgramCandidates(L"\"\\??\\C:\\a b.exe\"") == Paths{L"C:\\a b.exe"});
    }

    TEST_CASE("is missing in an empty line") {
        CHECK(ProgramCandidates(L"").empty());
        CHECK(ProgramCandidates(L" \t ").empty());
    }
}

}  // namespace wsb
