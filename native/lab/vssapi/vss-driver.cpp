// Calls a writer as code of Microsoft's compiler does. A test compiles this file with clang for
// that compiler's binary interface, and puts the DLL beside the stand-in (writer-calls.cpp). No
// line of it comes from a header of ours: it repeats the classes of vswriter.h, so that it also
// checks vss-abi.hpp. It uses no library.

namespace {

struct Guid {
    unsigned long data1;
    unsigned short data2;
    unsigned short data3;
    unsigned char data4[8];
};

class Metadata;
class Components;
class WriterImplementation;

// CVssWriter and CVssWriterEx of vswriter.h: virtual functions in their order, and the one member.
class Writer {
  public:
    virtual ~Writer() = default;
    virtual bool OnIdentify(Metadata* metadata) = 0;
    virtual bool OnPrepareBackup(Components* components) = 0;
    virtual bool OnPrepareSnapshot() = 0;
    virtual bool OnFreeze() = 0;
    virtual bool OnThaw() = 0;
    virtual bool OnAbort() = 0;
    virtual bool OnBackupComplete(Components* components) = 0;
    virtual bool OnBackupShutdown(Guid snapshotSetId) = 0;
    virtual bool OnPreRestore(Components* components) = 0;
    virtual bool OnPostRestore(Components* components) = 0;
    virtual bool OnPostSnapshot(Components* components) = 0;
    virtual bool OnBackOffIOOnVolume(wchar_t* volume, Guid snapshotId, Guid providerId) = 0;
    virtual bool OnContinueIOOnVolume(wchar_t* volume, Guid snapshotId, Guid providerId) = 0;
    virtual bool OnVSSShutdown() = 0;
    virtual bool OnVSSApplicationStartup() = 0;

  private:
    [[maybe_unused]] WriterImplementation* m_pWriterImpl;
};

class WriterEx : public Writer {
  public:
    virtual bool OnIdentifyEx(Metadata* metadata) = 0;
};

WriterEx& Of(void* writer) { return *static_cast<WriterEx*>(writer); }

struct Table {
    int (*identify)(void* writer, Metadata* metadata);
    int (*prepareBackup)(void* writer, Components* components);
    int (*prepareSnapshot)(void* writer);
    int (*freeze)(void* writer);
    int (*thaw)(void* writer);
    int (*abort)(void* writer);
    int (*postSnapshot)(void* writer, Components* components);
    int (*backupComplete)(void* writer, Components* components);
    int (*backupShutdown)(void* writer, const Guid* snapshotSetId);
};

constexpr Table kTable{
    [](void* writer, Metadata* metadata) -> int { return Of(writer).OnIdentifyEx(metadata); },
    [](void* writer, Components* components) -> int {
        return Of(writer).OnPrepareBackup(components);
    },
    [](void* writer) -> int { return Of(writer).OnPrepareSnapshot(); },
    [](void* writer) -> int { return Of(writer).OnFreeze(); },
    [](void* writer) -> int { return Of(writer).OnThaw(); },
    [](void* writer) -> int { return Of(writer).OnAbort(); },
    [](void* writer, Components* components) -> int {
        return Of(writer).OnPostSnapshot(components);
    },
    [](void* writer, Components* components) -> int {
        return Of(writer).OnBackupComplete(components);
    },
    [](void* writer, const Guid* snapshotSetId) -> int {
        return Of(writer).OnBackupShutdown(*snapshotSetId);
    },
};

}  // namespace

extern "C" __declspec(dllexport) const Table* WriterCallTable() { return &kTable; }
