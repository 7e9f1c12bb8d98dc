#include "plain-writer.hpp"

#include <vsserror.h>

#include <utility>

namespace wsb::bench {

using vss::Writer;
using vss::WriterComponents;
using vss::WriterMetadata;

struct PlainWriter::Calls {
    static bool Keep(Writer* self, void (*step)(PlainJournal& journal)) noexcept {
        return static_cast<PlainWriter*>(self)->Keep(step);
    }

    static void* STDMETHODCALLTYPE Destroy(Writer* self, UINT /*flags*/) noexcept { return self; }
    static bool STDMETHODCALLTYPE Identify(Writer* /*self*/,
                                           WriterMetadata* /*metadata*/) noexcept {
        return true;
    }
    static bool STDMETHODCALLTYPE PrepareSnapshot(Writer* self) noexcept {
        return Keep(self, [](PlainJournal& journal) { journal.Begin("prepared\n"); });
    }
    static bool STDMETHODCALLTYPE Freeze(Writer* self) noexcept {
        return Keep(self, [](PlainJournal& journal) { journal.Append("freezing\n"); });
    }
    static bool STDMETHODCALLTYPE Thaw(Writer* self) noexcept {
        return Keep(self, [](PlainJournal& journal) { journal.Append("thawed\n"); });
    }
    static bool STDMETHODCALLTYPE Nothing(Writer* /*self*/) noexcept { return true; }
    static bool STDMETHODCALLTYPE NoComponents(Writer* /*self*/,
                                               WriterComponents* /*components*/) noexcept {
        return true;
    }
    static bool STDMETHODCALLTYPE Shutdown(Writer* /*self*/, GUID /*snapshotSetId*/) noexcept {
        return true;
    }
    static bool STDMETHODCALLTYPE Throttle(Writer* /*self*/, LPWSTR /*volume*/, GUID /*snapshotId*/,
                                           GUID /*providerId*/) noexcept {
        return true;
    }

    static constexpr vss::WriterVtable kTable{
        &Destroy,  &Identify,     &NoComponents, &PrepareSnapshot, &Freeze,       &Thaw,
        &Nothing,  &NoComponents, &Shutdown,     &NoComponents,    &NoComponents, &NoComponents,
        &Throttle, &Throttle,     &Nothing,      &Nothing,         &Identify,
    };
};

PlainWriter::PlainWriter(std::wstring journal) : m_journal(std::move(journal)) {
    vtable = &Calls::kTable;
}

bool PlainWriter::Keep(void (*step)(PlainJournal& journal)) noexcept {
    try {
        step(m_journal);
        return true;
    } catch (...) {
        impl->SetWriterFailure(VSS_E_WRITERERROR_NONRETRYABLE);
        return false;
    }
}

}  // namespace wsb::bench
