using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

/// <summary>Called for each component during a backup, when the shadow copies exist.</summary>
/// <remarks>
/// What it may assume:
/// - In each of request["volumes"], "snapshot" is the shadow copy of the volume "source"; nobody
///   writes to it. Both have the form \\?\Volume{GUID}\.
/// - The token is cancelled at the time limit, timeoutsMs.checkConsistency in wsb-addin.json, and
///   when the backup is cancelled.
/// - An exception reports damage: the backup continues, but the component cannot be recovered from it.
///
/// What it must not assume:
/// - That the live volume, "source", has the same files as the shadow copy: never read it.
/// - That the services in wsb-addin.json are stopped: a backup stops none.
/// </remarks>
public class CheckConsistency
{
    public async Task<object> Invoke(object input)
    {
        var call = (IDictionary<string, object>)input;
        var request = (IDictionary<string, object>)call["request"];
        var log = (Func<object, Task<object>>)call["log"];
        var token = TokenOf(call);

        foreach (IDictionary<string, object> volume in (object[])request["volumes"])
        {
            token.ThrowIfCancellationRequested();
            // Read the application's files below the shadow copy here, and throw if they are damaged.
            await log("Looked at " + volume["snapshot"]);
        }
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
