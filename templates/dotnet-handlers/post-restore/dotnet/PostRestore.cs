using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

/// <summary>Called once for each component, after its files have been restored.</summary>
/// <remarks>
/// What it may assume:
/// - The component's files are in place.
/// - The services named in wsb-addin.json are still stopped; they start again after the last
///   component's call.
/// - request["noRollForward"] has the same value as in PreRestore.
/// - The token is cancelled at the time limit, timeoutsMs.postRestore in wsb-addin.json.
/// - An exception reaches Windows Server Backup as a failure with its message; the services start
///   again anyway.
///
/// What it must not assume:
/// - That PreRestore ran in the same process.
/// - That it is called after a restore that failed or was cancelled.
/// </remarks>
public class PostRestore
{
    public async Task<object> Invoke(object input)
    {
        var call = (IDictionary<string, object>)input;
        var request = (IDictionary<string, object>)call["request"];
        var log = (Func<object, Task<object>>)call["log"];
        var token = TokenOf(call);

        await log("Restored component " + (request["componentName"] ?? "without a name"));
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
