using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

/// <summary>Called once for each component, before its files are restored.</summary>
/// <remarks>
/// What it may assume:
/// - The services named in wsb-addin.json have stopped.
/// - request["noRollForward"] asks for the state of one point in time: the application must not
///   replay logs from after the backup.
/// - The token is cancelled at the time limit, timeoutsMs.preRestore in wsb-addin.json.
/// - An exception fails the component's restore, and Windows Server Backup gets its message.
///
/// What it must not assume:
/// - That PostRestore runs in the same process, or at all: keep nothing in memory for it.
/// - That a call ends before the next one starts.
/// </remarks>
public class PreRestore
{
    public async Task<object> Invoke(object input)
    {
        var call = (IDictionary<string, object>)input;
        var request = (IDictionary<string, object>)call["request"];
        var log = (Func<object, Task<object>>)call["log"];
        var token = TokenOf(call);

        await log("About to restore component " + (request["componentName"] ?? "without a name"));
        token.ThrowIfCancellationRequested();
        return null;
    }

    /// <summary>Creates a token that is cancelled at the call's time limit.</summary>
    private static CancellationToken TokenOf(IDictionary<string, object> call)
    {
        var aborted = (Func<object, Task<object>>)call["aborted"];
        var source = new CancellationTokenSource();
        // The answer is false when the method ends before the time limit.
        aborted(null).ContinueWith(answer => { if ((bool)answer.Result) source.Cancel(); });
        return source.Token;
    }
}
