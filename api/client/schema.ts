/** Types of the API's client, written by `npm run docs` from docs/openapi.json. */
export interface paths {
    "/api/v1/audit/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create a replay run
         * @description Needs the role admin.
         */
        post: operations["postApiV1AuditReplay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/replay/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A run with its timeline
         * @description Needs the role viewer.
         */
        get: operations["getApiV1AuditReplayById"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/replay/{id}/snapshots/{index}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One snapshot of a run
         * @description Needs the role viewer.
         */
        get: operations["getApiV1AuditReplayByIdSnapshotsByIndex"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/replay/{id}/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow a run
         * @description Each event's data is {type, data} and its id a position that the store knows: a client that connects
         *     again with Last-Event-ID goes on behind it, also at a server that was started since. Snapshots are a sample of each part
         *     of the run as it is sealed (their index is null, for it is known when the run is finished); with snapshots=all they are
         *     all snapshots in timeline order, sent once the run is complete.
         *
         *     Needs the role viewer.
         */
        get: operations["getApiV1AuditReplayByIdStream"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/replays": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All runs, the newest first
         * @description Needs the role viewer.
         */
        get: operations["getApiV1AuditReplays"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/callback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Where the issuer sends the browser back to
         * @description Public.
         */
        get: operations["getAuthCallback"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Go to the issuer to sign in
         * @description Public.
         */
        get: operations["getAuthLogin"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End the session of this browser
         * @description Public.
         */
        post: operations["postAuthLogout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who one is, and how one can sign in
         * @description Public.
         */
        get: operations["getAuthMe"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/evidence/key": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The public key that archives for auditors are signed with
         * @description Needs the role viewer.
         */
        get: operations["getEvidenceKey"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/instance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether the instance is paused
         * @description For the instance's operators.
         */
        get: operations["getInstance"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/instance/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Keys of the instance's operators
         * @description For the instance's operators.
         */
        get: operations["getInstanceApiKeys"];
        put?: never;
        /**
         * Create a key of an instance's operator
         * @description For the instance's operators.
         */
        post: operations["postInstanceApiKeys"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/instance/api-keys/{key_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke a key of an instance's operator
         * @description For the instance's operators.
         */
        delete: operations["deleteInstanceApiKeysByKeyId"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/instance/audit-anchors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Anchor the audit trail now; the head, to be kept outside the store
         * @description For the instance's operators.
         */
        post: operations["postInstanceAuditAnchors"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/instance/audit-entries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Acts on the instance and failed sign-ins, the newest first
         * @description For the instance's operators.
         */
        get: operations["getInstanceAuditEntries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/instance/audit-entries:verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Check the whole audit trail: chains, anchors, heads kept outside, acts without an entry
         * @description For the instance's operators.
         */
        post: operations["postInstanceAuditEntriesVerify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/instance/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Jobs of all tenants, the newest first
         * @description For the instance's operators.
         */
        get: operations["getInstanceJobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/instance/jobs/{job_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel a job of any tenant
         * @description For the instance's operators.
         */
        post: operations["postInstanceJobsByJobIdCancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/instance/jobs/{job_id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Pause a job of any tenant
         * @description For the instance's operators.
         */
        post: operations["postInstanceJobsByJobIdPause"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/instance/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop all reading, of jobs and of the archiver, within 5 s
         * @description For the instance's operators.
         */
        post: operations["postInstancePause"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/instance/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Go on reading
         * @description For the instance's operators.
         */
        post: operations["postInstanceResume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/livez": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Is the process alive
         * @description Public.
         */
        get: operations["getLivez"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * OPA's upload of decision logs; accepted means durable
         * @description Needs the role member.
         */
        post: operations["postLogs"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/logs/{partition}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The same under a name, which the decisions keep as partition_name
         * @description Needs the role member.
         */
        post: operations["postLogsByPartition"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Can it serve: each part that requests need, by name
         * @description Public.
         */
        get: operations["getReadyz"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * API keys of the tenant, the newest first
         * @description Needs the role owner.
         */
        get: operations["getApiKeys"];
        put?: never;
        /**
         * Create an API key; its token is in this answer only
         * @description Needs the role owner.
         */
        post: operations["postApiKeys"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/api-keys/{key_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke an API key
         * @description Needs the role owner.
         */
        delete: operations["deleteApiKeysByKeyId"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/audit-entries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Administrative acts of a tenant, the newest first
         * @description Needs the role viewer.
         */
        get: operations["getAuditEntries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/audit-events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send one event, an array, or NDJSON of any length; accepted means durable
         * @description Needs the role member.
         */
        post: operations["postAuditEvents"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/bookmarks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Bookmarks that are shared and those of the caller, the newest first
         * @description Needs the role viewer.
         */
        get: operations["getBookmarks"];
        put?: never;
        /**
         * Bookmark a snapshot, for oneself or for all of the tenant
         * @description Needs the role member.
         */
        post: operations["postBookmarks"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/bookmarks/{bookmark_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A bookmark, with the snapshot that it leads to
         * @description Needs the role viewer.
         */
        get: operations["getBookmarksByBookmarkId"];
        put?: never;
        post?: never;
        /**
         * Delete a bookmark: its author, or an admin
         * @description Needs the role member.
         */
        delete: operations["deleteBookmarksByBookmarkId"];
        options?: never;
        head?: never;
        /**
         * Rename a bookmark, share it or take it back: its author, or an admin
         * @description Needs the role member.
         */
        patch: operations["patchBookmarksByBookmarkId"];
        trace?: never;
    };
    "/tenants/{tenant_id}/comparisons": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Comparisons of the tenant, the newest first
         * @description Needs the role viewer.
         */
        get: operations["getComparisons"];
        put?: never;
        /**
         * Compare two finished runs; a pair is compared once, and found again by the same request
         * @description Needs the role member.
         */
        post: operations["postComparisons"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/comparisons/{comparison_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One comparison: how far it is, what it found, and whether the two runs are of one input
         * @description Needs the role viewer.
         */
        get: operations["getComparisonsByComparisonId"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/comparisons/{comparison_id}/entities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Entities that differ, each field by field, with the first event that made a difference
         * @description Needs the role viewer.
         */
        get: operations["getComparisonsByComparisonIdEntities"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/comparisons/{comparison_id}/entities/{type}/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One entity event by event: after which its states differ, and in what
         * @description Needs the role viewer.
         */
        get: operations["getComparisonsByComparisonIdEntitiesByTypeByIdEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/comparisons/{comparison_id}/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All entities that differ, as a file
         * @description Needs the role viewer.
         */
        get: operations["getComparisonsByComparisonIdExport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/comparisons/{comparison_id}/signatures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Entities that differ in the same way, counted, with samples; the largest groups first
         * @description Needs the role viewer.
         */
        get: operations["getComparisonsByComparisonIdSignatures"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/current-state": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Which run is the current state, as of when, and how old that is
         * @description Needs the role viewer.
         */
        get: operations["getCurrentState"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/current-state/continue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A run that goes on from the end of the current one; it is promoted like any other
         * @description Needs the role admin.
         */
        post: operations["postCurrentStateContinue"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/current-state/entities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Entities of the current state that exist, by type and id
         * @description Needs the role viewer.
         */
        get: operations["getCurrentStateEntities"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/current-state/entities/{type}/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The current state of one entity
         * @description Needs the role viewer.
         */
        get: operations["getCurrentStateEntitiesByTypeById"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/current-state/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The current state as a file
         * @description Needs the role viewer.
         */
        get: operations["getCurrentStateExport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/current-state/follow": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether the current state is followed, and how far it has come
         * @description Needs the role viewer.
         */
        get: operations["getCurrentStateFollow"];
        put?: never;
        /**
         * Fold what arrives onto the current state from now on, or stop doing so
         * @description Needs the role admin.
         */
        post: operations["postCurrentStateFollow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/current-state/promotions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Promotions and reverts, newest first
         * @description Needs the role viewer.
         */
        get: operations["getCurrentStatePromotions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/current-state/promotions/{promotion_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One promotion, and how far it is
         * @description Needs the role viewer.
         */
        get: operations["getCurrentStatePromotionsByPromotionId"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/current-state/revert": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Return to what was current before, or to a promotion by its id
         * @description Needs the role admin.
         */
        post: operations["postCurrentStateRevert"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/current-state/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Listen to the changes of a current state that is followed
         * @description One event for each entity that a step of the follower changed, with its state as it is now, then one
         *     for the step. An event that came late changes an entity's state like any other: the newest state is the right one.
         *
         *     Needs the role viewer.
         */
        get: operations["getCurrentStateStream"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/encodings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Versions of the tenant's encodings, by number
         * @description Needs the role viewer.
         */
        get: operations["getEncodings"];
        put?: never;
        /**
         * Save encoding as a new version; equal definitions keep their number
         * @description Needs the role admin.
         */
        post: operations["postEncodings"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/encodings/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One version of the tenant's encodings
         * @description Needs the role viewer.
         */
        get: operations["getEncodingsByVersion"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/encodings/{version}/diff/{other}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What makes another version of one: changes with pointer, before and after
         * @description Needs the role viewer.
         */
        get: operations["getEncodingsByVersionDiffByOther"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/encodings:preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What an encoding makes of sample events: rule, entity, fields, state and diff
         * @description Needs the role admin.
         */
        post: operations["postEncodingsPreview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/encodings:validate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * All that is wrong with encoding; nothing is saved
         * @description Needs the role admin.
         */
        post: operations["postEncodingsValidate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/entities/{type}/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * State of an entity at a time
         * @description Needs the role viewer.
         */
        get: operations["getEntitiesByTypeById"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/entities/{type}/{id}/first": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The first event of an entity after which conditions on its state hold
         * @description Needs the role viewer.
         */
        get: operations["getEntitiesByTypeByIdFirst"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/entities/{type}/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All snapshots of an entity in a run, in the order in which it was folded
         * @description Needs the role viewer.
         */
        get: operations["getEntitiesByTypeByIdHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/entities/{type}/{id}/next-change": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The snapshot in which a field of an entity changes next, or changed last
         * @description Needs the role viewer.
         */
        get: operations["getEntitiesByTypeByIdNextChange"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/export/audit-entries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Administrative acts of a tenant as a file; the oldest first
         * @description Needs the role viewer.
         */
        get: operations["getExportAuditEntries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/export/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Jobs of the tenant as a file, by the filters of their list; the oldest first
         * @description Needs the role viewer.
         */
        get: operations["getExportJobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/overview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How a tenant stands: jobs, audit entries, last run, failures, throughput
         * @description Needs the role viewer.
         */
        get: operations["getOverview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/replay-jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Jobs of the tenant, the newest first
         * @description Needs the role viewer.
         */
        get: operations["getReplayJobs"];
        put?: never;
        /**
         * Create a job; Location names it
         * @description Needs the role admin.
         */
        post: operations["postReplayJobs"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/replay-jobs/{job_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One job: range, plan, progress, counters, funnel, verdict; or, with wait, once it has moved on
         * @description Needs the role viewer.
         */
        get: operations["getReplayJobsByJobId"];
        put?: never;
        post?: never;
        /**
         * Remove the rows of an ended job; its entry stays as a tombstone
         * @description Needs the role owner.
         */
        delete: operations["deleteReplayJobsByJobId"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/replay-jobs/{job_id}/annotations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Annotations on all snapshots of a run, the newest first
         * @description Needs the role viewer.
         */
        get: operations["getReplayJobsByJobIdAnnotations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/replay-jobs/{job_id}/annotations/{annotation_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One annotation
         * @description Needs the role viewer.
         */
        get: operations["getReplayJobsByJobIdAnnotationsByAnnotationId"];
        put?: never;
        post?: never;
        /**
         * Delete an annotation: its author, or an admin
         * @description Needs the role member.
         */
        delete: operations["deleteReplayJobsByJobIdAnnotationsByAnnotationId"];
        options?: never;
        head?: never;
        /**
         * Change an annotation: its author, or an admin
         * @description Needs the role member.
         */
        patch: operations["patchReplayJobsByJobIdAnnotationsByAnnotationId"];
        trace?: never;
    };
    "/tenants/{tenant_id}/replay-jobs/{job_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel a job, and keep or drop its rows
         * @description Needs the role admin.
         */
        post: operations["postReplayJobsByJobIdCancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/replay-jobs/{job_id}/dead-letters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Events that a run could not decode or fold, with coordinates
         * @description Needs the role viewer.
         */
        get: operations["getReplayJobsByJobIdDeadLetters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/replay-jobs/{job_id}/dead-letters/{dead_letter_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One dead letter
         * @description Needs the role viewer.
         */
        get: operations["getReplayJobsByJobIdDeadLettersByDeadLetterId"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/replay-jobs/{job_id}/dead-letters/{dead_letter_id}/record": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The record behind a dead letter, as it was produced; of one that did not decode, for operators
         * @description Needs the role owner.
         */
        get: operations["getReplayJobsByJobIdDeadLettersByDeadLetterIdRecord"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/replay-jobs/{job_id}/dead-letters:redrive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Read records that did not decode again, with the schemas and sources of now
         * @description Needs the role admin.
         */
        post: operations["postReplayJobsByJobIdDeadLettersRedrive"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/replay-jobs/{job_id}/decisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Decisions of a job, by entity
         * @description Needs the role viewer.
         */
        get: operations["getReplayJobsByJobIdDecisions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/replay-jobs/{job_id}/evidence": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A signed archive of a finished run: spec, plan, versions, verdict, units, root of all final states
         * @description Needs the role owner.
         */
        get: operations["getReplayJobsByJobIdEvidence"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/replay-jobs/{job_id}/export/{list}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A list of a run as a file, by its filters
         * @description Needs the role viewer.
         */
        get: operations["getReplayJobsByJobIdExportByList"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/replay-jobs/{job_id}/outputs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Output topics of a run: where it begins and ends in each partition, rows and digests
         * @description Needs the role viewer.
         */
        get: operations["getReplayJobsByJobIdOutputs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/replay-jobs/{job_id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Pause a job
         * @description Needs the role admin.
         */
        post: operations["postReplayJobsByJobIdPause"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/replay-jobs/{job_id}/promote": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a run's states the current state; 202: they are still being copied
         * @description Needs the role admin.
         */
        post: operations["postReplayJobsByJobIdPromote"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/replay-jobs/{job_id}/promotion-review": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What promoting a run would change: entities by type, and fields
         * @description Needs the role viewer.
         */
        get: operations["getReplayJobsByJobIdPromotionReview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/replay-jobs/{job_id}/promotion-review/entities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Entities that promoting a run would change, with the fields before and after
         * @description Needs the role viewer.
         */
        get: operations["getReplayJobsByJobIdPromotionReviewEntities"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/replay-jobs/{job_id}/rebuild": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make the StateRebuild that a DryRun was a rehearsal of, over the same frozen bounds
         * @description Needs the role admin.
         */
        post: operations["postReplayJobsByJobIdRebuild"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/replay-jobs/{job_id}/report": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Report of a dry run: what a rebuild would do, and what its baseline sees differently
         * @description Needs the role viewer.
         */
        get: operations["getReplayJobsByJobIdReport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/replay-jobs/{job_id}/report/differences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Entities that the baseline of a dry run sees differently
         * @description Needs the role viewer.
         */
        get: operations["getReplayJobsByJobIdReportDifferences"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/replay-jobs/{job_id}/rerun": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Run a job again, over the same frozen bounds, or with changed fields
         * @description Needs the role admin.
         */
        post: operations["postReplayJobsByJobIdRerun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/replay-jobs/{job_id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Go on with a paused or failed job
         * @description Needs the role admin.
         */
        post: operations["postReplayJobsByJobIdResume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/replay-jobs/{job_id}/snapshots": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All snapshots of a run as NDJSON, in timeline order
         * @description Needs the role viewer.
         */
        get: operations["getReplayJobsByJobIdSnapshots"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/replay-jobs/{job_id}/snapshots/{index}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One snapshot: state before and after, diff, coordinates
         * @description Needs the role viewer.
         */
        get: operations["getReplayJobsByJobIdSnapshotsByIndex"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/replay-jobs/{job_id}/snapshots/{index}/annotations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Annotations on a snapshot, the newest first
         * @description Needs the role viewer.
         */
        get: operations["getReplayJobsByJobIdSnapshotsByIndexAnnotations"];
        put?: never;
        /**
         * Annotate a snapshot of a finished run
         * @description Needs the role member.
         */
        post: operations["postReplayJobsByJobIdSnapshotsByIndexAnnotations"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/replay-jobs/{job_id}/snapshots/{index}/event": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The event behind a snapshot as it came, with values that are masked elsewhere
         * @description Needs the role owner.
         */
        get: operations["getReplayJobsByJobIdSnapshotsByIndexEvent"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/replay-jobs/{job_id}/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow a job
         * @description Each event's data is {type, data} and its id a position that the store knows: a client that connects
         *     again with Last-Event-ID goes on behind it, also at a server that was started since. Snapshots are a sample of each part
         *     of the run as it is sealed (their index is null, for it is known when the run is finished); with snapshots=all they are
         *     all snapshots in timeline order, sent once the run is complete.
         *
         *     Needs the role viewer.
         */
        get: operations["getReplayJobsByJobIdStream"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/replay-jobs/{job_id}/throttle": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Give a job another pace; null lifts a limit, what is left out stays
         * @description Needs the role admin.
         */
        patch: operations["patchReplayJobsByJobIdThrottle"];
        trace?: never;
    };
    "/tenants/{tenant_id}/replay-jobs/{job_id}/timeline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Events of a finished run in order of time, by index, from a time on, or narrowed
         * @description Needs the role viewer.
         */
        get: operations["getReplayJobsByJobIdTimeline"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/replay-jobs/{job_id}/timeline/first": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The first event of a run after which conditions on the state of its entity hold
         * @description Needs the role viewer.
         */
        get: operations["getReplayJobsByJobIdTimelineFirst"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/replay-jobs/{job_id}/transitions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What would change: decisions counted by event type, outcome before and outcome now
         * @description Needs the role viewer.
         */
        get: operations["getReplayJobsByJobIdTransitions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/replay-jobs/{job_id}/units": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Units of a job one by one: who holds or did them, how often they were begun, what they gave
         * @description Needs the role viewer.
         */
        get: operations["getReplayJobsByJobIdUnits"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/replay-jobs/{job_id}/verifications": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Verifications of a run, the newest first
         * @description Needs the role viewer.
         */
        get: operations["getReplayJobsByJobIdVerifications"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/replay-jobs/{job_id}/verifications/{verification_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One verification: how far it is, and what it found
         * @description Needs the role viewer.
         */
        get: operations["getReplayJobsByJobIdVerificationsByVerificationId"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/replay-jobs/{job_id}/verifications/{verification_id}/entities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Entities that folding again gave otherwise, each with the first place and fields that differ
         * @description Needs the role viewer.
         */
        get: operations["getReplayJobsByJobIdVerificationsByVerificationIdEntities"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/replay-jobs/{job_id}/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Fold a finished run again, and compare digests by entity and for the run
         * @description Needs the role admin.
         */
        post: operations["postReplayJobsByJobIdVerify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/replay-jobs:plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What a job would read and write, without effect
         * @description Needs the role admin.
         */
        post: operations["postReplayJobsPlan"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Versions of the tenant's rules, by number
         * @description Needs the role viewer.
         */
        get: operations["getRules"];
        put?: never;
        /**
         * Save rules as a new version; equal definitions keep their number
         * @description Needs the role admin.
         */
        post: operations["postRules"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/rules/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One version of the tenant's rules
         * @description Needs the role viewer.
         */
        get: operations["getRulesByVersion"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/rules/{version}/diff/{other}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What makes another version of one: changes with pointer, before and after
         * @description Needs the role viewer.
         */
        get: operations["getRulesByVersionDiffByOther"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/rules:preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What rules decide about sample events, with the states that an encoding gives
         * @description Needs the role admin.
         */
        post: operations["postRulesPreview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/rules:validate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * All that is wrong with rules; nothing is saved
         * @description Needs the role admin.
         */
        post: operations["postRulesValidate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/sources": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Versions of the tenant's sources, by number
         * @description Needs the role viewer.
         */
        get: operations["getSources"];
        put?: never;
        /**
         * Save source as a new version; equal definitions keep their number
         * @description Needs the role admin.
         */
        post: operations["postSources"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/sources/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One version of the tenant's sources
         * @description Needs the role viewer.
         */
        get: operations["getSourcesByVersion"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/sources/{version}/diff/{other}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What makes another version of one: changes with pointer, before and after
         * @description Needs the role viewer.
         */
        get: operations["getSourcesByVersionDiffByOther"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/sources:preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The events that sources make of sample records
         * @description Needs the role admin.
         */
        post: operations["postSourcesPreview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/sources:validate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * All that is wrong with source; nothing is saved
         * @description Needs the role admin.
         */
        post: operations["postSourcesValidate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Webhooks of the tenant, the newest first
         * @description Needs the role owner.
         */
        get: operations["getWebhooks"];
        put?: never;
        /**
         * Be told what becomes of jobs; the secret is in this answer only
         * @description Needs the role owner.
         */
        post: operations["postWebhooks"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/webhooks/{webhook_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One webhook
         * @description Needs the role owner.
         */
        get: operations["getWebhooksByWebhookId"];
        put?: never;
        post?: never;
        /**
         * Delete a webhook
         * @description Needs the role owner.
         */
        delete: operations["deleteWebhooksByWebhookId"];
        options?: never;
        head?: never;
        /**
         * Change a webhook, or switch it off and on; its secret stays
         * @description Needs the role owner.
         */
        patch: operations["patchWebhooksByWebhookId"];
        trace?: never;
    };
    "/tenants/{tenant_id}/webhooks/{webhook_id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What became of messages, the newest first
         * @description Needs the role owner.
         */
        get: operations["getWebhooksByWebhookIdDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Have a message sent once more, under the same id
         * @description Needs the role owner.
         */
        post: operations["postWebhooksByWebhookIdDeliveriesByDeliveryIdRedeliver"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenant_id}/webhooks/{webhook_id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a test message now, once, and say what became of it
         * @description Needs the role owner.
         */
        post: operations["postWebhooksByWebhookIdTest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/bundles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Bundles of the tenant, by revision
         * @description Needs the role viewer.
         */
        get: operations["getV1Bundles"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/bundles/{revision}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One bundle with its modules and data
         * @description Needs the role viewer.
         */
        get: operations["getV1BundlesByRevision"];
        /**
         * Keep the policies and data of a revision; it never changes
         * @description Needs the role admin.
         */
        put: operations["putV1BundlesByRevision"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/logreplay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Log replays that run or ran as jobs, the newest first
         * @description Needs the role viewer.
         */
        get: operations["getV1Logreplay"];
        put?: never;
        /**
         * Replay logged decisions on changed policies or data, within a time or as a job
         * @description Needs the role admin.
         */
        post: operations["postV1Logreplay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/logreplay/{replay_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One log replay: how far it is, and what it found once it is complete
         * @description Needs the role viewer.
         */
        get: operations["getV1LogreplayByReplayId"];
        put?: never;
        post?: never;
        /**
         * Remove a log replay with its rows
         * @description Needs the role admin.
         */
        delete: operations["deleteV1LogreplayByReplayId"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/logreplay/{replay_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End a log replay; what it has found so far stays
         * @description Needs the role admin.
         */
        post: operations["postV1LogreplayByReplayIdCancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/logreplay/{replay_id}/decisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Decisions that changed or failed, path by path in the order of the log
         * @description Needs the role viewer.
         */
        get: operations["getV1LogreplayByReplayIdDecisions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/logreplay/{replay_id}/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow a log replay
         * @description Needs the role viewer.
         */
        get: operations["getV1LogreplayByReplayIdStream"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/version": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Which release this is
         * @description Public.
         */
        get: operations["getVersion"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Annotation: {
            annotation_id: string;
            job_id: string;
            snapshot_index: number;
            entity_type: string;
            entity_id: string;
            event_id: string;
            /** @description Integer of up to 64 bits as text */
            fold_seq: string;
            text: string;
            author: string;
            /**
             * Format: date-time
             * @description RFC 3339, UTC, up to nanoseconds
             */
            created_at: string;
            edited_at: string | null;
        };
        ArchiveReads: {
            /** @description Integer of up to 64 bits as text */
            rows_in_range: string;
            /** @description Integer of up to 64 bits as text */
            rows_to_read: string;
            /** @description Integer of up to 64 bits as text */
            bytes_in_range: string;
            /** @description Integer of up to 64 bits as text */
            bytes_to_read: string;
        };
        AuditRun: {
            id: string;
            /** @enum {unknown} */
            status: "queued" | "running" | "success" | "failed";
            eventCount: number;
            snapshotCount: number;
            progress: number;
            filters: {
                /**
                 * Format: date-time
                 * @description RFC 3339, UTC, up to nanoseconds
                 */
                startDate: string;
                /**
                 * Format: date-time
                 * @description RFC 3339, UTC, up to nanoseconds
                 */
                endDate: string;
                eventType?: string[];
                severity?: string[];
            };
            /** @description Any JSON; numbers keep every digit */
            result: unknown;
            error: string | null;
            createdBy: string;
            /**
             * Format: date-time
             * @description RFC 3339, UTC, up to nanoseconds
             */
            createdAt: string;
            startedAt: string | null;
            completedAt: string | null;
        };
        AuditSnapshot: {
            id: string;
            replayRunId: string;
            snapshotIndex: number | null;
            eventId: string | null;
            eventType: string;
            /**
             * Format: date-time
             * @description RFC 3339, UTC, up to nanoseconds
             */
            timestamp: string;
            /** @description Any JSON; numbers keep every digit */
            stateBefore: unknown;
            /** @description Any JSON; numbers keep every digit */
            stateAfter: unknown;
            /** @description Any JSON; numbers keep every digit */
            diff: unknown;
            entityType: string;
            entityId: string;
            /**
             * Format: date-time
             * @description RFC 3339, UTC, up to nanoseconds
             */
            createdAt: string;
        };
        Bookmark: {
            bookmark_id: string;
            name: string;
            job_id: string;
            snapshot_index: number;
            entity_type: string;
            entity_id: string;
            event_id: string;
            /** @description Integer of up to 64 bits as text */
            fold_seq: string;
            /** @description true: all of the tenant see it; false: its author alone */
            shared: boolean;
            author: string;
            /**
             * Format: date-time
             * @description RFC 3339, UTC, up to nanoseconds
             */
            created_at: string;
            edited_at: string | null;
        };
        Bundle: {
            revision: string;
            /** @description SHA-256 of Rego version, modules and data */
            hash: string;
            rego_version: 0 | 1;
            created_by: string;
            /**
             * Format: date-time
             * @description RFC 3339, UTC, up to nanoseconds
             */
            created_at: string;
            modules: number;
            bytes: number;
        };
        ChangeGroup: {
            path: string;
            from: "allow" | "deny" | "other" | "undefined" | "error";
            to: "allow" | "deny" | "other" | "undefined" | "error";
            /** @description Any JSON; numbers keep every digit */
            result: unknown;
            /** @description Any JSON; numbers keep every digit */
            new_result: unknown;
            error: string | null;
            count: number;
            /**
             * Format: date-time
             * @description RFC 3339, UTC, up to nanoseconds
             */
            first_seen: string;
            /**
             * Format: date-time
             * @description RFC 3339, UTC, up to nanoseconds
             */
            last_seen: string;
            /** @description Any JSON; numbers keep every digit */
            sample: unknown;
        };
        CurrentEntity: {
            entity_type: string;
            entity_id: string;
            /** @description Any JSON; numbers keep every digit */
            state: unknown;
            /** @description The last event that the state knows */
            event_id: string;
            /**
             * Format: date-time
             * @description RFC 3339, UTC, up to nanoseconds
             */
            occurred_at: string;
            /** @description Integer of up to 64 bits as text */
            fold_seq: string;
        };
        CurrentState: {
            promotion_id: string;
            /** @enum {unknown} */
            act: "promote" | "revert";
            /** @description Run whose states these are */
            job_id: string;
            /** @description The copy of its states */
            set_id: string;
            /**
             * Format: date-time
             * @description RFC 3339, UTC, up to nanoseconds
             */
            as_of: string;
            /** @description From the as-of time until now */
            age_seconds: number;
            promoted_by: string;
            /**
             * Format: date-time
             * @description RFC 3339, UTC, up to nanoseconds
             */
            promoted_at: string;
            reason: string;
            verdict: {
                /** @enum {unknown} */
                exactness: "exact" | "partial" | "not_comparable";
                reasons: ("window_only" | "truncated_by_retention" | "compacted" | "archive_gap" | "failed_events" | "undecodable_records" | "sampled_start" | "open_transaction" | "filtered" | "cancelled")[];
            };
            /** @description That existed when it was promoted */
            entities: number;
            following: {
                /** @description true: what arrives is folded onto it */
                on: boolean;
                step: string | null;
                step_at: string | null;
                lag_records: string | null;
                lag_seconds: number | null;
            };
        };
        DeadLetter: {
            dead_letter_id: string;
            /** @enum {unknown} */
            kind: "failed" | "conflict";
            stage: string;
            code: string;
            error: string;
            event_id: string;
            entity_type: string;
            entity_id: string;
            /** @description RFC 3339; empty where the record has no time that can be read */
            timestamp: string;
            topic_id: string;
            partition: number;
            /** @description Integer of up to 64 bits as text */
            offset: string;
            /** @description Of the registry; -1: none */
            schema_id: number;
            /** @description true: it could be read since; runs made now have its events */
            redriven: boolean;
        };
        DecisionClasses: {
            unchanged: number;
            changed: number;
            failed: number;
            not_reproduced: number;
            not_replayable: number;
        };
        EventResult: {
            index: number;
            /** @enum {string} */
            status: "accepted";
            event_id: string;
            topic: string;
            partition: number;
            /** @description Integer of up to 64 bits as text */
            offset: string;
        } | {
            index: number;
            /** @enum {string} */
            status: "rejected";
            code: string;
            message: string;
            pointer?: string;
        };
        EvidenceKey: {
            /** @enum {string} */
            algorithm: "ed25519";
            /** @description The 32 bytes of the key in Base64 */
            public_key: string;
            /** @description SHA-256 of these bytes, hexadecimal */
            sha256: string;
        };
        Following: {
            /** @description Asked for; holds for whatever run is current */
            on: boolean;
            actor: string | null;
            since: string | null;
            job_id: string | null;
            step: string | null;
            step_at: string | null;
            lag_records: string | null;
            lag_seconds: number | null;
            told_step: string | null;
            untold_steps: number | null;
            error: {
                code: string;
                message: string;
                /**
                 * Format: date-time
                 * @description RFC 3339, UTC, up to nanoseconds
                 */
                at: string;
            } | null;
        };
        Instance: {
            paused: boolean;
            actor: string | null;
            reason: string;
            since: string | null;
        };
        JobCounters: {
            scanned: number;
            processed: number;
            failed: number;
            duplicates: number;
            conflicts: number;
            skipped: number;
            snapshots: number;
            changed: number;
            entities: number;
        };
        JobLimits: {
            max_events: number | null;
            max_bytes: number | null;
            max_rows: number | null;
            max_duration_ms: number | null;
        };
        JobProgress: {
            /** @enum {unknown} */
            stage: "pending" | "planning" | "collect" | "map" | "fold" | "seal" | "emit" | "done";
            collected: number;
            collect_total: number;
            folded: number;
            fold_total: number;
            emitted: number;
            emit_units: number;
            emit_units_done: number;
            percent: number;
            events_per_second: number;
            bytes_per_second: number | null;
            eta_seconds: number | null;
            read_until: string | null;
            failed: number;
            slowest_stage: ("collect" | "map" | "fold" | "emit") | null;
            held_by: ("throttle" | "broker" | "store") | null;
        };
        JobResult: {
            counters: components["schemas"]["JobCounters"];
            funnel: {
                /** @enum {unknown} */
                step: "scanned" | "decoded" | "tenant" | "time" | "filters" | "mapped" | "folded";
                kept: number;
                dropped: number;
                example: string | null;
            }[];
            verdict: {
                /** @enum {unknown} */
                exactness: "exact" | "partial" | "not_comparable";
                reasons: ("window_only" | "truncated_by_retention" | "compacted" | "archive_gap" | "failed_events" | "undecodable_records" | "sampled_start" | "open_transaction" | "filtered" | "cancelled")[];
            };
            folded_in_store: number;
            transitions: {
                unchanged: number;
                allow_to_deny: number;
                deny_to_allow: number;
                to_undefined: number;
                to_error: number;
                changed: number;
                unrecorded: number;
            } | null;
            stage_seconds: {
                [key: string]: number;
            };
        };
        JobTimes: {
            queued_ms: number;
            running_ms: number;
            paused_ms: number;
        };
        LogReplayJob: {
            replay_id: string;
            /** @enum {unknown} */
            status: "Pending" | "Running" | "Complete" | "Failed" | "Cancelled";
            /** @description Of the offsets that were frozen */
            percent: number;
            /** @description Integer of up to 64 bits as text */
            offsets_done: string;
            /** @description Integer of up to 64 bits as text */
            offsets_total: string;
            entries_observed: number;
            entries_scheduled: number;
            results_changed: number;
            entries_failed: number;
            held_by: ("pause" | "turn") | null;
            error: {
                code: string;
                message: string;
            } | null;
            created_by: string;
            /**
             * Format: date-time
             * @description RFC 3339, UTC, up to nanoseconds
             */
            created_at: string;
            ended_at: string | null;
        };
        LogReplayResult: {
            /**
             * Format: date-time
             * @description RFC 3339, UTC, up to nanoseconds
             */
            started: string;
            /** @description Decisions as logged, with new_result or error */
            samples: unknown[];
            stats: {
                batches_scheduled: number;
                batches_downloaded: number;
                batches_download_errors: number;
                batches_skipped: number;
                batches_from_cache: number;
                batches_observed: number;
                batches_analyzed: number;
                entries_observed: number;
                entries_scheduled: number;
                entries_evaluated: number;
                results_changed: number;
                entries_failed: number;
                analysis_errors: number;
            };
            analyzed_batches: string[];
            /** @description Nanoseconds */
            duration: number;
            /** @description All that was scheduled was analysed */
            complete: boolean;
            classes: components["schemas"]["DecisionClasses"];
            /** @description Why decisions were not compared */
            reasons: {
                /** @enum {unknown} */
                class: "not_reproduced" | "not_replayable";
                reason: string;
                count: number;
            }[];
            /** @description Compared with: the logged revision, the bundle saved last in its place, or the logged result alone */
            baselines: {
                /** @enum {unknown} */
                baseline: "logged" | "current" | "none";
                count: number;
            }[];
            transitions: {
                from: "allow" | "deny" | "other" | "undefined" | "error";
                to: "allow" | "deny" | "other" | "undefined" | "error";
                count: number;
            }[];
            /** @description Alike changes: path, results, revision and form of the input; the most frequent first */
            groups: components["schemas"]["ChangeGroup"][];
            ungrouped: number;
            affected: {
                path: string;
                values: {
                    /** @description Any JSON; numbers keep every digit */
                    value: unknown;
                    count: number;
                }[];
                others: number;
            }[];
            /** @description What analysis_errors are of */
            errors: {
                code: string;
                message: string;
                count: number;
            }[];
        };
        OriginalEvent: {
            event_id: string;
            event_type: string;
            entity_type: string;
            entity_id: string;
            /**
             * Format: date-time
             * @description RFC 3339, UTC, up to nanoseconds
             */
            timestamp: string;
            actor: string;
            action: string;
            severity: string;
            /** @description Any JSON; numbers keep every digit */
            decision: unknown;
            /** @description Any JSON; numbers keep every digit */
            payload: unknown;
            topic: string;
            partition: number;
            /** @description Integer of up to 64 bits as text */
            offset: string;
        };
        OutputPlan: {
            output: "snapshots" | "diffs" | "decisions" | "events";
            topic: string;
            /** @description False: it is created when the first record is due */
            exists: boolean;
            partitions: number;
            /** @description Integer of up to 64 bits as text */
            records_before: string;
            /** @description Integer of up to 64 bits as text */
            rows: string;
            /** @description Integer of up to 64 bits as text */
            bytes: string;
            warnings: string[];
        };
        OutputTopic: {
            output: "snapshots" | "diffs" | "decisions" | "events";
            topic: string;
            /** @description Integer of up to 64 bits as text */
            rows: string;
            partitions: {
                partition: number;
                /** @description Integer of up to 64 bits as text */
                start_offset: string;
                end_offset: string | null;
                /** @description Integer of up to 64 bits as text */
                rows: string;
                digest: string | null;
            }[];
        };
        PartitionPlan: {
            topic: string;
            topic_id: string;
            partition: number;
            /** @description Integer of up to 64 bits as text */
            log_start: string;
            /** @description Integer of up to 64 bits as text */
            log_end: string;
            /** @description Integer of up to 64 bits as text */
            from: string;
            /** @description Integer of up to 64 bits as text */
            to: string;
            /** @enum {unknown} */
            strategy: "record-time index" | "widened" | "full scan" | "archive" | "empty";
            first_record_time: string | null;
            skew_ms: number | null;
            sampled: number;
            /** @description [from, to) pairs */
            archived: [
                string,
                string
            ][];
            /** @description [from, to) pairs */
            to_collect: [
                string,
                string
            ][];
            warnings: string[];
        };
        Problem: {
            /** @description urn:rewind:error:<code> */
            type: string;
            title: string;
            status: number;
            detail: string;
            /** @constant */
            success: false;
            /**
             * @description Stable; see the error table
             * @enum {string}
             */
            code: "field_invalid" | "field_missing" | "field_unknown" | "json_invalid" | "json_duplicate_key" | "json_lone_surrogate" | "json_number_invalid" | "json_too_deep" | "payload_not_object" | "body_too_large" | "range_invalid" | "time_invalid" | "time_zone_missing" | "time_out_of_range" | "change_not_found" | "webhook_not_found" | "webhook_url_refused" | "webhook_secret_sealed" | "webhooks_full" | "delivery_not_found" | "event_not_kept" | "note_not_found" | "notes_full" | "match_not_found" | "search_too_large" | "exports_busy" | "streams_full" | "cursor_invalid" | "base_unusable" | "follow_unsupported" | "follow_too_far" | "step_gone" | "base_not_adjacent" | "version_unknown" | "version_not_found" | "versions_full" | "rules_invalid" | "source_forbidden" | "source_invalid" | "encoding_invalid" | "source_unknown" | "config_invalid" | "file_unreadable" | "media_type_unsupported" | "not_acceptable" | "server_unavailable" | "forbidden" | "unauthenticated" | "signin_unavailable" | "cross_site" | "rate_limited" | "tenant_not_found" | "key_not_found" | "bundle_not_found" | "bundle_conflict" | "bundle_invalid" | "patch_invalid" | "patch_failed" | "logreplay_busy" | "logreplay_not_found" | "logreplay_cancelled" | "bundles_full" | "audit_unavailable" | "job_not_found" | "snapshot_not_found" | "entity_not_found" | "route_not_found" | "feature_disabled" | "policy_invalid" | "builtin_not_allowed" | "entrypoint_unknown" | "policy_too_large" | "policy_compile_timeout" | "policy_compile_memory" | "policy_compiler_busy" | "policy_timeout" | "policy_memory" | "policy_result_too_large" | "policy_input_invalid" | "policy_error" | "job_type_unsupported" | "idempotency_mismatch" | "job_not_finished" | "comparison_not_found" | "not_comparable" | "comparison_running" | "not_verifiable" | "verification_not_found" | "history_not_compared" | "dead_letter_not_found" | "record_gone" | "record_of_nobody" | "redrive_unsupported" | "no_report" | "no_current_state" | "promotion_not_found" | "promotion_gone" | "promotion_older" | "reason_required" | "nothing_to_revert" | "job_is_current" | "job_finished" | "max_events_exceeded" | "max_bytes_exceeded" | "max_rows_exceeded" | "max_duration_exceeded" | "disk_too_small" | "job_active" | "rows_dropped" | "group_active" | "tombstone" | "not_wire_format" | "schema_unknown" | "schema_invalid" | "decode_failed" | "array_too_long" | "key_not_allowed" | "field_unmapped" | "record_too_large" | "operation_failed" | "entity_id_missing" | "event_id_conflict" | "reducer_failed" | "too_many_failures" | "too_many_conflicts" | "entity_too_large" | "range_expired" | "topic_not_found" | "topic_recreated" | "batch_corrupt" | "batch_too_large" | "codec_unsupported" | "log_unavailable" | "log_required" | "output_topic_is_source" | "output_prefix_refused" | "output_topic_missing" | "output_refused" | "evidence_busy" | "raw_dropped" | "log_stalled" | "registry_unavailable" | "schema_incompatible" | "store_unavailable" | "store_busy" | "store_timeout" | "store_memory_limit" | "store_rejected" | "insert_unknown" | "store_in_use" | "store_disk_full" | "migration_mismatch" | "store_not_migrated" | "unit_failed" | "claim_lost" | "preflight_failed" | "internal";
            /** @description What to do */
            fix: string;
            errors: components["schemas"]["ProblemItem"][];
            traceId: string;
        };
        ProblemItem: {
            /** @description One of the codes of the error table */
            code: string;
            message: string;
            /** @description JSON pointer into what was sent */
            pointer?: string;
            /** @description path, query, headers or body */
            in?: string;
            /** @description Place in a list or stream, 0-based */
            index?: number;
        };
        Promotion: {
            promotion_id: string;
            /** @enum {unknown} */
            act: "promote" | "revert";
            job_id: string;
            /** @enum {unknown} */
            status: "copying" | "current" | "superseded" | "failed";
            actor: string;
            reason: string;
            /**
             * Format: date-time
             * @description RFC 3339, UTC, up to nanoseconds
             */
            asked_at: string;
            promoted_at: string | null;
            /**
             * Format: date-time
             * @description RFC 3339, UTC, up to nanoseconds
             */
            as_of: string;
            verdict: {
                /** @enum {unknown} */
                exactness: "exact" | "partial" | "not_comparable";
                reasons: ("window_only" | "truncated_by_retention" | "compacted" | "archive_gap" | "failed_events" | "undecodable_records" | "sampled_start" | "open_transaction" | "filtered" | "cancelled")[];
            };
            entities: number | null;
            returns_to: string | null;
            /** @description Its states are still there: returning to them is immediate */
            kept: boolean;
            error: {
                code: string;
                message: string;
            } | null;
        };
        PromotionReview: {
            current_job_id: string | null;
            job_id: string;
            as_of: {
                current: string | null;
                /**
                 * Format: date-time
                 * @description RFC 3339, UTC, up to nanoseconds
                 */
                run: string;
            };
            verdict: {
                /** @enum {unknown} */
                exactness: "exact" | "partial" | "not_comparable";
                reasons: ("window_only" | "truncated_by_retention" | "compacted" | "archive_gap" | "failed_events" | "undecodable_records" | "sampled_start" | "open_transaction" | "filtered" | "cancelled")[];
            };
            totals: {
                added: number;
                removed: number;
                changed: number;
                unchanged: number;
            };
            entity_types: {
                entity_type: string;
                added: number;
                removed: number;
                changed: number;
                unchanged: number;
            }[];
            /** @description Fields of entities that exist in both; most frequent first */
            fields: {
                entity_type: string;
                field: string;
                /** @enum {unknown} */
                operation: "added" | "removed" | "modified";
                entities: number;
            }[];
            fields_truncated: boolean;
        };
        ReplayJob: {
            job_id: string;
            job_type: "DryRun" | "StateRebuild" | "DecisionOnly";
            encoding_version: number;
            rule_version: number;
            /**
             * Format: date-time
             * @description RFC 3339, UTC, up to nanoseconds
             */
            time_range_start: string;
            /**
             * Format: date-time
             * @description RFC 3339, UTC, up to nanoseconds
             */
            time_range_end: string;
            status: "Pending" | "Running" | "Paused" | "Complete" | "Failed" | "Cancelled";
            events_processed: number;
            events_failed: number;
            /**
             * Format: date-time
             * @description RFC 3339, UTC, up to nanoseconds
             */
            created_at: string;
            completed_at: string | null;
            name: string;
            created_by: string;
            percent: number;
            parent_job_id: string | null;
            tenant_id: string;
            started_at: string | null;
            /** @enum {unknown} */
            bounds: "own" | "parent";
            rows: ("keep" | "drop") | null;
            deleted_at: string | null;
            deleted_by: string | null;
            reason: string;
            labels: {
                [key: string]: string;
            };
            ticket: string;
            throttle: components["schemas"]["Throttle"];
            limits: components["schemas"]["JobLimits"];
            queue_position: number | null;
            times: components["schemas"]["JobTimes"];
            filters: {
                event_type?: string[];
                severity?: string[];
                entity_type?: string[];
                entity_id?: string[];
            };
            /** @enum {unknown} */
            source: "auto" | "archive" | "kafka";
            source_version: number;
            source_hash: string;
            topics: string[];
            from_snapshot_of: string | null;
            /** @enum {unknown} */
            start_offsets: "auto" | "full";
            /** @enum {unknown} */
            ordering: "event_time" | "log";
            /** @enum {unknown} */
            snapshots: "all" | "changed" | "final";
            /** @enum {unknown} */
            on_failure: "skip" | "stop" | "stop_entity";
            outputs: {
                output: "snapshots" | "diffs" | "decisions" | "events";
                topic: string;
            }[];
            encoding_hash: string;
            rules_hash: string;
            baseline_rule_version: number | null;
            baseline: {
                encoding_version: number;
                encoding_hash: string;
                rule_version: number;
                job_id: string | null;
            } | null;
            verifies: string | null;
            counters: components["schemas"]["JobCounters"];
            progress: components["schemas"]["JobProgress"];
            plan: components["schemas"]["ReplayPlan"] | null;
            result: components["schemas"]["JobResult"] | null;
            error: {
                code: string;
                message: string;
                /** @description Any JSON; numbers keep every digit */
                facts: unknown;
            } | null;
        };
        ReplayJobRow: {
            job_id: string;
            job_type: "DryRun" | "StateRebuild" | "DecisionOnly";
            encoding_version: number;
            rule_version: number;
            /**
             * Format: date-time
             * @description RFC 3339, UTC, up to nanoseconds
             */
            time_range_start: string;
            /**
             * Format: date-time
             * @description RFC 3339, UTC, up to nanoseconds
             */
            time_range_end: string;
            status: "Pending" | "Running" | "Paused" | "Complete" | "Failed" | "Cancelled";
            events_processed: number;
            events_failed: number;
            /**
             * Format: date-time
             * @description RFC 3339, UTC, up to nanoseconds
             */
            created_at: string;
            completed_at: string | null;
            name: string;
            created_by: string;
            percent: number;
            parent_job_id: string | null;
        };
        ReplayPlan: {
            partitions: components["schemas"]["PartitionPlan"][];
            group: string | null;
            /** @description Integer of up to 64 bits as text */
            records_to_collect: string;
            /** @description Integer of up to 64 bits as text */
            bytes_to_read: string;
            /** @description Integer of up to 64 bits as text */
            events_in_archive: string;
            archive_reads?: components["schemas"]["ArchiveReads"];
            /** @description Integer of up to 64 bits as text */
            rows_to_write: string;
            /** @description Integer of up to 64 bits as text */
            disk_free_bytes: string;
            /** @description Integer of up to 64 bits as text */
            disk_needed_bytes: string;
            estimated_seconds: number;
            /** @enum {unknown} */
            fold_in: "store" | "worker";
            fold_reason: string;
            outputs?: components["schemas"]["OutputPlan"][];
            warnings: string[];
        };
        ReviewedEntity: {
            entity_type: string;
            entity_id: string;
            change: "added" | "removed" | "changed";
            /** @description Of each field that differs: field, before (current), after (the run), operation */
            changes: unknown;
        };
        Snapshot: {
            id: string;
            job_id: string;
            snapshot_index: number | null;
            /** @description Integer of up to 64 bits as text */
            fold_seq: string;
            event_id: string;
            event_type: string;
            /**
             * Format: date-time
             * @description RFC 3339, UTC, up to nanoseconds
             */
            timestamp: string;
            entity_type: string;
            entity_id: string;
            exists: boolean;
            /** @description Any JSON; numbers keep every digit */
            state_before: unknown;
            /** @description Any JSON; numbers keep every digit */
            state_after: unknown;
            /** @description Array of {field, before, after, operation: added | removed | modified} */
            diff: unknown;
            topic: string;
            partition: number;
            /** @description Integer of up to 64 bits as text */
            offset: string;
            /**
             * Format: date-time
             * @description RFC 3339, UTC, up to nanoseconds
             */
            created_at: string;
        };
        Throttle: {
            events_per_second: number | null;
            bytes_per_second: number | null;
        };
        TimelineEntry: {
            index: number;
            event_id: string;
            event_type: string;
            /**
             * Format: date-time
             * @description RFC 3339, UTC, up to nanoseconds
             */
            timestamp: string;
            entity_type: string;
            entity_id: string;
            changes: number;
        };
        Webhook: {
            webhook_id: string;
            name: string;
            url: string;
            events: ("job.completed" | "job.failed" | "job.paused" | "job.cancelled")[];
            job_types: ("DryRun" | "StateRebuild" | "DecisionOnly")[];
            labels: {
                [key: string]: string;
            };
            enabled: boolean;
            created_by: string;
            /**
             * Format: date-time
             * @description RFC 3339, UTC, up to nanoseconds
             */
            created_at: string;
            /**
             * Format: date-time
             * @description RFC 3339, UTC, up to nanoseconds
             */
            changed_at: string;
        };
        WebhookDelivery: {
            /** @description The header webhook-id; the same on every try */
            delivery_id: string;
            webhook_id: string;
            job_id: string | null;
            event: string;
            /**
             * Format: date-time
             * @description RFC 3339, UTC, up to nanoseconds
             */
            event_at: string;
            /** @enum {unknown} */
            state: "pending" | "delivered" | "given_up";
            attempts: number;
            status: number | null;
            error: string | null;
            /**
             * Format: date-time
             * @description RFC 3339, UTC, up to nanoseconds
             */
            last_at: string;
            next_at: string | null;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    postApiV1AuditReplay: {
        parameters: {
            query?: never;
            header?: {
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    filters: {
                        /** @description Inclusive; RFC 3339, or relative to now: 30s, 7d, 2h ago */
                        startDate: string;
                        /** @description Inclusive; RFC 3339, or relative to now: 30s, 7d, now */
                        endDate: string;
                        eventType?: string | string[];
                        severity?: string | string[];
                    };
                };
            };
        };
        responses: {
            /** @description Default Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            jobId: string;
                            /** @enum {unknown} */
                            status: "queued" | "running" | "success" | "failed";
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiV1AuditReplayById: {
        parameters: {
            query: {
                /** @description First index */
                from: number;
                /** @description Entries of a page */
                limit: number;
            };
            header?: never;
            path: {
                /** @description Replay job */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            run: components["schemas"]["AuditRun"];
                            timeline: {
                                index: number;
                                eventId: string;
                                eventType: string;
                                /**
                                 * Format: date-time
                                 * @description RFC 3339, UTC, up to nanoseconds
                                 */
                                timestamp: string;
                                entityType: string;
                                entityId: string;
                                changes: number;
                            }[];
                        };
                        page: {
                            next: number | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiV1AuditReplayByIdSnapshotsByIndex: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Replay job */
                id: string;
                /** @description 0-based */
                index: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["AuditSnapshot"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiV1AuditReplayByIdStream: {
        parameters: {
            query?: {
                snapshots?: "sampled" | "all";
            };
            header?: {
                /** @description Id of the last event seen; the stream goes on behind it */
                "last-event-id"?: string;
            };
            path: {
                /** @description Replay job */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": unknown;
                };
            };
            /** @description The client has seen the end: no need to connect again */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiV1AuditReplays: {
        parameters: {
            query: {
                /** @description Entries of a page */
                limit: number;
                /** @description Opaque; `page.next` of the previous page of the same list */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["AuditRun"][];
                        page: {
                            next: string | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getAuthCallback: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description To where the sign-in was begun */
            302: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getAuthLogin: {
        parameters: {
            query?: {
                /** @description Path to come back to */
                return_to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description To the issuer */
            302: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postAuthLogout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            /** @enum {boolean} */
                            signed_in: false;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getAuthMe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            signed_in: boolean;
                            actor: string | null;
                            /** @description Role by tenant */
                            tenants: {
                                [key: string]: "viewer" | "member" | "admin" | "owner";
                            };
                            operator: boolean;
                            /** @description Ways to sign in; none: development mode */
                            methods: string[];
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getEvidenceKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["EvidenceKey"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getInstance: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["Instance"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getInstanceApiKeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            key_id: string;
                            name: string;
                            role: ("viewer" | "member" | "admin" | "owner") | null;
                            created_by: string;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC, up to nanoseconds
                             */
                            created_at: string;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC, up to nanoseconds
                             */
                            expires_at: string;
                            revoked_at: string | null;
                        }[];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postInstanceApiKeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description What the key is for */
                    name: string;
                    /** @description RFC 3339; left out: after auth.keyMaxDays */
                    expires_at?: string;
                };
            };
        };
        responses: {
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            key_id: string;
                            name: string;
                            role: ("viewer" | "member" | "admin" | "owner") | null;
                            created_by: string;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC, up to nanoseconds
                             */
                            created_at: string;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC, up to nanoseconds
                             */
                            expires_at: string;
                            revoked_at: string | null;
                            /** @description Shown this once; kept nowhere */
                            token: string;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteInstanceApiKeysByKeyId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            key_id: string;
                            name: string;
                            role: ("viewer" | "member" | "admin" | "owner") | null;
                            created_by: string;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC, up to nanoseconds
                             */
                            created_at: string;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC, up to nanoseconds
                             */
                            expires_at: string;
                            revoked_at: string | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postInstanceAuditAnchors: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            writer: string;
                            /** @description Whole number of up to 64 bits */
                            seq: string;
                            hash: string;
                            /** @description Whole number of up to 64 bits */
                            entries: string;
                            /** @description RFC 3339, UTC */
                            recorded_at: string;
                            key_id: string;
                            signature: string;
                        } | null;
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getInstanceAuditEntries: {
        parameters: {
            query: {
                /** @description Entries of a page */
                limit: number;
                /** @description Opaque; `page.next` of the previous page of the same list */
                cursor?: string;
                /** @description Only acts of this actor */
                actor?: string;
                /** @description Only this action */
                action?: string;
                /** @description RFC 3339, or relative to now (7d); inclusive */
                from?: string;
                /** @description RFC 3339, or relative to now (7d); inclusive */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            audit_entry_id: string;
                            actor: string;
                            /** @description noun.verbed */
                            action: string;
                            /** @description RFC 3339, UTC */
                            recorded_at: string;
                            /** @description What it was done to */
                            target: string;
                            outcome: "success" | "failure";
                            detail: {
                                [key: string]: unknown;
                            };
                            /** @description Chain that the entry is a part of */
                            writer: string;
                            /** @description Whole number of up to 64 bits */
                            seq: string;
                            /** @description SHA-256 over the entry and the hash before it */
                            hash: string;
                        }[];
                        page: {
                            next: string | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postInstanceAuditEntriesVerify: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Heads that were kept outside the store */
                    heads?: {
                        writer: string;
                        /** @description Whole number of up to 64 bits */
                        seq: string;
                        hash: string;
                    }[];
                };
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            valid: boolean;
                            entries: number;
                            writers: number;
                            anchors: number;
                            /** @description Signed by the key in force */
                            signed_anchors: number;
                            /** @description Entries behind the last anchor of their chain */
                            unanchored: number;
                            /** @description Acts of other tables that were held against the entries */
                            acts: number;
                            problems: {
                                kind: string;
                                where: string;
                                message: string;
                            }[];
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getInstanceJobs: {
        parameters: {
            query: {
                /** @description Entries of a page */
                limit: number;
                /** @description Opaque; `page.next` of the previous page of the same list */
                cursor?: string;
                status?: "Pending" | "Running" | "Paused" | "Complete" | "Failed" | "Cancelled";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            job_id: string;
                            tenant_id: string;
                            job_type: string;
                            status: "Pending" | "Running" | "Paused" | "Complete" | "Failed" | "Cancelled";
                            events_processed: number;
                            events_failed: number;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC, up to nanoseconds
                             */
                            created_at: string;
                            completed_at: string | null;
                        }[];
                        page: {
                            next: string | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postInstanceJobsByJobIdCancel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            job_id: string;
                            tenant_id: string;
                            job_type: string;
                            status: "Pending" | "Running" | "Paused" | "Complete" | "Failed" | "Cancelled";
                            events_processed: number;
                            events_failed: number;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC, up to nanoseconds
                             */
                            created_at: string;
                            completed_at: string | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postInstanceJobsByJobIdPause: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            job_id: string;
                            tenant_id: string;
                            job_type: string;
                            status: "Pending" | "Running" | "Paused" | "Complete" | "Failed" | "Cancelled";
                            events_processed: number;
                            events_failed: number;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC, up to nanoseconds
                             */
                            created_at: string;
                            completed_at: string | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postInstancePause: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["Instance"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postInstanceResume: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["Instance"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getLivez: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "ok";
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postLogs: {
        parameters: {
            query?: never;
            header?: {
                /** @description Which tenant, for callers that belong to several */
                "x-tenant-id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": unknown;
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            accepted: number;
                            rejected: number;
                            /** @description Why decisions were rejected; the first 1,000 */
                            errors: {
                                index: number;
                                code: string;
                                message: string;
                                pointer: string;
                            }[];
                        };
                    };
                };
            };
            /** @description Default Response */
            207: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            accepted: number;
                            rejected: number;
                            /** @description Why decisions were rejected; the first 1,000 */
                            errors: {
                                index: number;
                                code: string;
                                message: string;
                                pointer: string;
                            }[];
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postLogsByPartition: {
        parameters: {
            query?: never;
            header?: {
                /** @description Which tenant, for callers that belong to several */
                "x-tenant-id"?: string;
            };
            path: {
                /** @description Name that the sender was given */
                partition: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": unknown;
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            accepted: number;
                            rejected: number;
                            /** @description Why decisions were rejected; the first 1,000 */
                            errors: {
                                index: number;
                                code: string;
                                message: string;
                                pointer: string;
                            }[];
                        };
                    };
                };
            };
            /** @description Default Response */
            207: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            accepted: number;
                            rejected: number;
                            /** @description Why decisions were rejected; the first 1,000 */
                            errors: {
                                index: number;
                                code: string;
                                message: string;
                                pointer: string;
                            }[];
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReadyz: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {unknown} */
                        status: "ready" | "not ready" | "draining";
                        /** @description Each part that requests need, by name */
                        checks: {
                            [key: string]: boolean;
                        };
                    };
                };
            };
            /** @description Default Response */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {unknown} */
                        status: "ready" | "not ready" | "draining";
                        /** @description Each part that requests need, by name */
                        checks: {
                            [key: string]: boolean;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiKeys: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            key_id: string;
                            name: string;
                            role: ("viewer" | "member" | "admin" | "owner") | null;
                            created_by: string;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC, up to nanoseconds
                             */
                            created_at: string;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC, up to nanoseconds
                             */
                            expires_at: string;
                            revoked_at: string | null;
                        }[];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postApiKeys: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description What the key is for */
                    name: string;
                    role: "viewer" | "member" | "admin" | "owner";
                    /** @description RFC 3339; left out: after auth.keyMaxDays */
                    expires_at?: string;
                };
            };
        };
        responses: {
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            key_id: string;
                            name: string;
                            role: ("viewer" | "member" | "admin" | "owner") | null;
                            created_by: string;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC, up to nanoseconds
                             */
                            created_at: string;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC, up to nanoseconds
                             */
                            expires_at: string;
                            revoked_at: string | null;
                            /** @description Shown this once; kept nowhere */
                            token: string;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteApiKeysByKeyId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                tenant_id: string;
                key_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            key_id: string;
                            name: string;
                            role: ("viewer" | "member" | "admin" | "owner") | null;
                            created_by: string;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC, up to nanoseconds
                             */
                            created_at: string;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC, up to nanoseconds
                             */
                            expires_at: string;
                            revoked_at: string | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getAuditEntries: {
        parameters: {
            query: {
                /** @description Entries of a page */
                limit: number;
                /** @description Opaque; `page.next` of the previous page of the same list */
                cursor?: string;
                /** @description Only acts of this actor */
                actor?: string;
                /** @description Only this action */
                action?: string;
                /** @description RFC 3339, or relative to now (7d); inclusive */
                from?: string;
                /** @description RFC 3339, or relative to now (7d); inclusive */
                to?: string;
            };
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            audit_entry_id: string;
                            actor: string;
                            /** @description noun.verbed */
                            action: string;
                            /** @description RFC 3339, UTC */
                            recorded_at: string;
                            /** @description What it was done to */
                            target: string;
                            outcome: "success" | "failure";
                            detail: {
                                [key: string]: unknown;
                            };
                            /** @description Chain that the entry is a part of */
                            writer: string;
                            /** @description Whole number of up to 64 bits */
                            seq: string;
                            /** @description SHA-256 over the entry and the hash before it */
                            hash: string;
                        }[];
                        page: {
                            next: string | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postAuditEvents: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": unknown;
                "application/x-ndjson": unknown;
            };
        };
        responses: {
            /** @description Default Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            accepted: number;
                            rejected: number;
                            results: components["schemas"]["EventResult"][];
                        } | {
                            accepted: number;
                            rejected: number;
                            lines: number;
                            errors: {
                                index: number;
                                /** @enum {string} */
                                status: "rejected";
                                code: string;
                                message: string;
                                pointer?: string;
                            }[];
                            errors_truncated: boolean;
                        };
                    };
                };
            };
            /** @description Default Response */
            207: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            accepted: number;
                            rejected: number;
                            results: components["schemas"]["EventResult"][];
                        } | {
                            accepted: number;
                            rejected: number;
                            lines: number;
                            errors: {
                                index: number;
                                /** @enum {string} */
                                status: "rejected";
                                code: string;
                                message: string;
                                pointer?: string;
                            }[];
                            errors_truncated: boolean;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getBookmarks: {
        parameters: {
            query: {
                /** @description Entries of a page */
                limit: number;
                /** @description Opaque; `page.next` of the previous page of the same list */
                cursor?: string;
                /** @description Replay job */
                job_id?: string;
                /** @description Left out: both */
                which?: "own" | "shared";
            };
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["Bookmark"][];
                        page: {
                            next: string | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postBookmarks: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description What the place is called */
                    name: string;
                    /** @description Replay job */
                    job_id: string;
                    /** @description 0-based */
                    snapshot_index: number;
                    /** @description true: all of the tenant see it; false: its author alone */
                    shared?: boolean;
                };
            };
        };
        responses: {
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["Bookmark"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getBookmarksByBookmarkId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                bookmark_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            bookmark_id: string;
                            name: string;
                            job_id: string;
                            snapshot_index: number;
                            entity_type: string;
                            entity_id: string;
                            event_id: string;
                            /** @description Integer of up to 64 bits as text */
                            fold_seq: string;
                            /** @description true: all of the tenant see it; false: its author alone */
                            shared: boolean;
                            author: string;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC, up to nanoseconds
                             */
                            created_at: string;
                            edited_at: string | null;
                            snapshot: components["schemas"]["Snapshot"];
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteBookmarksByBookmarkId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                bookmark_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["Bookmark"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patchBookmarksByBookmarkId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                bookmark_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description What the place is called */
                    name?: string;
                    /** @description true: all of the tenant see it; false: its author alone */
                    shared?: boolean;
                };
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["Bookmark"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getComparisons: {
        parameters: {
            query: {
                /** @description Entries of a page */
                limit: number;
                /** @description Opaque; `page.next` of the previous page of the same list */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            comparison_id: string;
                            run_a: string;
                            run_b: string;
                            /** @enum {unknown} */
                            status: "Running" | "Complete";
                            /** @description Parts of the entities that are compared */
                            percent: number;
                            /** @description true: both are exact runs of one input; else see reasons */
                            comparable: boolean;
                            reasons: ("range_differs" | "filters_differ" | "sources_differ" | "ordering_differs" | "a_not_exact" | "b_not_exact")[];
                            /** @description false: only last states are compared */
                            history: boolean;
                            totals: {
                                /** @description On either side: the sum of the others */
                                entities: number;
                                unchanged: number;
                                /** @description End alike, and differed after some event */
                                history_only: number;
                                /** @description On both sides, with different last states */
                                differing: number;
                                only_a: number;
                                only_b: number;
                            };
                            error: {
                                code: string;
                                message: string;
                            } | null;
                            created_by: string;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC, up to nanoseconds
                             */
                            created_at: string;
                        }[];
                        page: {
                            next: string | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postComparisons: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The first run: what was before */
                    run_a: string;
                    /** @description The second run: what is now */
                    run_b: string;
                };
            };
        };
        responses: {
            /** @description Default Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            comparison_id: string;
                            run_a: string;
                            run_b: string;
                            /** @enum {unknown} */
                            status: "Running" | "Complete";
                            /** @description Parts of the entities that are compared */
                            percent: number;
                            /** @description true: both are exact runs of one input; else see reasons */
                            comparable: boolean;
                            reasons: ("range_differs" | "filters_differ" | "sources_differ" | "ordering_differs" | "a_not_exact" | "b_not_exact")[];
                            /** @description false: only last states are compared */
                            history: boolean;
                            totals: {
                                /** @description On either side: the sum of the others */
                                entities: number;
                                unchanged: number;
                                /** @description End alike, and differed after some event */
                                history_only: number;
                                /** @description On both sides, with different last states */
                                differing: number;
                                only_a: number;
                                only_b: number;
                            };
                            error: {
                                code: string;
                                message: string;
                            } | null;
                            created_by: string;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC, up to nanoseconds
                             */
                            created_at: string;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getComparisonsByComparisonId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                comparison_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            comparison_id: string;
                            run_a: string;
                            run_b: string;
                            /** @enum {unknown} */
                            status: "Running" | "Complete";
                            /** @description Parts of the entities that are compared */
                            percent: number;
                            /** @description true: both are exact runs of one input; else see reasons */
                            comparable: boolean;
                            reasons: ("range_differs" | "filters_differ" | "sources_differ" | "ordering_differs" | "a_not_exact" | "b_not_exact")[];
                            /** @description false: only last states are compared */
                            history: boolean;
                            totals: {
                                /** @description On either side: the sum of the others */
                                entities: number;
                                unchanged: number;
                                /** @description End alike, and differed after some event */
                                history_only: number;
                                /** @description On both sides, with different last states */
                                differing: number;
                                only_a: number;
                                only_b: number;
                            };
                            error: {
                                code: string;
                                message: string;
                            } | null;
                            created_by: string;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC, up to nanoseconds
                             */
                            created_at: string;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getComparisonsByComparisonIdEntities: {
        parameters: {
            query: {
                /** @description Entries of a page */
                limit: number;
                /** @description Opaque; `page.next` of the previous page of the same list */
                cursor?: string;
                /** @description Only entities of this change signature */
                signature?: string;
            };
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                comparison_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            entity_type: string;
                            entity_id: string;
                            /** @description Integer of up to 64 bits as text */
                            signature: string;
                            /** @description Which side has the entity; a is the baseline or the first run */
                            presence: "both" | "only_a" | "only_b";
                            /** @description false: ends alike, and differed on the way */
                            final_differs: boolean;
                            differences: {
                                field: string;
                                operation: "added" | "modified" | "removed";
                                /** @description Value in a; null where it is missing or null: see operation */
                                before: unknown;
                                /** @description Value in b; null where it is missing or null: see operation */
                                after: unknown;
                            }[];
                            events: string | null;
                            first: {
                                event_id: string;
                                event_type: string;
                                timestamp: string;
                                topic_id: string;
                                partition: number;
                                offset: string;
                            } | null;
                        }[];
                        page: {
                            next: string | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getComparisonsByComparisonIdEntitiesByTypeByIdEvents: {
        parameters: {
            query: {
                /** @description Entries of a page */
                limit: number;
                /** @description Opaque; `page.next` of the previous page of the same list */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                type: string;
                id: string;
                comparison_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            /** @description Among all events of the entity on either side */
                            place: number;
                            event_id: string;
                            event_type: string;
                            timestamp: string;
                            topic_id: string;
                            partition: number;
                            /** @description Integer of up to 64 bits as text */
                            offset: string;
                            /** @description Which side has the entity; a is the baseline or the first run */
                            presence: "both" | "only_a" | "only_b";
                            exists_a: boolean | null;
                            exists_b: boolean | null;
                            differences: {
                                field: string;
                                operation: "added" | "modified" | "removed";
                                /** @description Value in a; null where it is missing or null: see operation */
                                before: unknown;
                                /** @description Value in b; null where it is missing or null: see operation */
                                after: unknown;
                            }[];
                        }[];
                        page: {
                            next: string | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getComparisonsByComparisonIdExport: {
        parameters: {
            query?: {
                /** @description Left out: what Accept asks for, else ndjson */
                format?: "ndjson" | "csv" | "parquet";
                entity_type?: string;
                entity_id?: string;
            };
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                comparison_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": unknown;
                    "text/csv": unknown;
                    "application/vnd.apache.parquet": unknown;
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getComparisonsByComparisonIdSignatures: {
        parameters: {
            query: {
                /** @description Entries of a page */
                limit: number;
                /** @description Opaque; `page.next` of the previous page of the same list */
                cursor?: string;
                /** @description Entities shown of each group */
                samples: number;
            };
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                comparison_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            /** @description Integer of up to 64 bits as text */
                            signature: string;
                            entity_type: string;
                            /** @description Which side has the entity; a is the baseline or the first run */
                            presence: "both" | "only_a" | "only_b";
                            final_differs: boolean;
                            changes: {
                                field: string | null;
                                operation: ("added" | "modified" | "removed") | "ended" | "revived";
                            }[];
                            entities: number;
                            samples: {
                                entity_type: string;
                                entity_id: string;
                                /** @description Integer of up to 64 bits as text */
                                signature: string;
                                /** @description Which side has the entity; a is the baseline or the first run */
                                presence: "both" | "only_a" | "only_b";
                                /** @description false: ends alike, and differed on the way */
                                final_differs: boolean;
                                differences: {
                                    field: string;
                                    operation: "added" | "modified" | "removed";
                                    /** @description Value in a; null where it is missing or null: see operation */
                                    before: unknown;
                                    /** @description Value in b; null where it is missing or null: see operation */
                                    after: unknown;
                                }[];
                                events: string | null;
                                first: {
                                    event_id: string;
                                    event_type: string;
                                    timestamp: string;
                                    topic_id: string;
                                    partition: number;
                                    offset: string;
                                } | null;
                            }[];
                        }[];
                        page: {
                            next: string | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getCurrentState: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["CurrentState"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postCurrentStateContinue: {
        parameters: {
            query?: never;
            header?: {
                "idempotency-key"?: string;
            };
            path: {
                /** @description Tenant */
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description End, RFC 3339 or relative; left out: now */
                    to?: string;
                };
            };
        };
        responses: {
            /** @description Default Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["ReplayJob"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getCurrentStateEntities: {
        parameters: {
            query: {
                /** @description Of this type alone */
                entity_type?: string;
                /** @description Whose id begins so */
                prefix?: string;
                /** @description Entries of a page */
                limit: number;
                /** @description Opaque; `page.next` of the previous page of the same list */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["CurrentEntity"][];
                        page: {
                            next: string | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getCurrentStateEntitiesByTypeById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                type: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["CurrentEntity"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getCurrentStateExport: {
        parameters: {
            query?: {
                /** @description Left out: what Accept asks for, else ndjson */
                format?: "ndjson" | "csv" | "parquet";
                /** @description Of this type alone */
                entity_type?: string;
                /** @description Whose id begins so */
                prefix?: string;
            };
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": unknown;
                    "text/csv": unknown;
                    "application/vnd.apache.parquet": unknown;
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getCurrentStateFollow: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["Following"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postCurrentStateFollow: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description true: fold what arrives onto the current state; false: leave it as it is */
                    on: boolean;
                };
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["Following"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getCurrentStatePromotions: {
        parameters: {
            query: {
                /** @description Entries of a page */
                limit: number;
                /** @description Opaque; `page.next` of the previous page of the same list */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["Promotion"][];
                        page: {
                            next: string | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getCurrentStatePromotionsByPromotionId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Promotion */
                promotion_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["Promotion"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postCurrentStateRevert: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description What to return to; left out: what was current before */
                    promotion_id?: string;
                    /** @description Why; kept with the promotion */
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["Promotion"];
                    };
                };
            };
            /** @description Default Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["Promotion"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getCurrentStateStream: {
        parameters: {
            query?: {
                /** @description sampled (default): some of the entities that a step changed; all: each of them */
                entities?: "sampled" | "all";
                entity_type?: string;
            };
            header?: {
                /** @description Id of the last event seen; the stream goes on behind it */
                "last-event-id"?: string;
            };
            path: {
                /** @description Tenant */
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": unknown;
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getEncodings: {
        parameters: {
            query: {
                /** @description Entries of a page */
                limit: number;
                /** @description Opaque; `page.next` of the previous page of the same list */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            version: number;
                            name: string;
                            /** @description SHA-256 of the canonical definition */
                            hash: string;
                            revises: number | null;
                            note: string;
                            /** @description Empty: built in */
                            created_by: string;
                            created_at: string | null;
                            definition: unknown;
                        }[];
                        page: {
                            next: string | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postEncodings: {
        parameters: {
            query?: never;
            header?: {
                "idempotency-key"?: string;
            };
            path: {
                /** @description Tenant */
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The encoding, rules or sources */
                    definition: unknown;
                    /** @description Version that this one was made from */
                    revises?: number;
                    /** @description Why */
                    note?: string;
                };
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            version: number;
                            hash: string;
                        };
                    };
                };
            };
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            version: number;
                            hash: string;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getEncodingsByVersion: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Version number */
                version: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            version: number;
                            name: string;
                            /** @description SHA-256 of the canonical definition */
                            hash: string;
                            revises: number | null;
                            note: string;
                            /** @description Empty: built in */
                            created_by: string;
                            created_at: string | null;
                            definition: unknown;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getEncodingsByVersionDiffByOther: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Version number */
                version: number;
                /** @description Version number */
                other: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            from: number;
                            to: number;
                            changes: {
                                op: "add" | "remove" | "replace" | "order";
                                /** @description Into the definition, when the changes before have been applied */
                                pointer: string;
                                before?: unknown;
                                after?: unknown;
                            }[];
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postEncodingsPreview: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description A definition that is not saved */
                    definition?: unknown;
                    version?: number;
                    /** @description Events as POST audit-events takes them */
                    events?: unknown[];
                    /** @description So many of the newest archived ones */
                    newest?: number;
                };
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            /** @description Place among the samples */
                            index: number;
                            event_id: string;
                            event_type: string;
                            timestamp: string;
                            outcome: "folded" | "skipped" | "failed" | "duplicate";
                            rule: {
                                index: number;
                                match: string;
                            } | null;
                            entities: {
                                entity_type: string;
                                entity_id: string;
                                tracked: {
                                    field: string;
                                    /** @description Absent: nothing was found */
                                    value?: unknown;
                                }[];
                                operations: {
                                    op: string;
                                    field: string;
                                    /** @description Absent: nothing was found */
                                    value?: unknown;
                                }[];
                                error: string | null;
                                exists: boolean;
                                state_before: unknown;
                                state_after: unknown;
                                diff: unknown;
                                decision?: {
                                    decision: unknown;
                                    error: string | null;
                                    before: unknown;
                                    was: "allow" | "deny" | "other" | "undefined" | "error" | "none";
                                    now: "allow" | "deny" | "other" | "undefined" | "error" | "none";
                                    transition: "unchanged" | "allow_to_deny" | "deny_to_allow" | "to_undefined" | "to_error" | "changed" | "unrecorded";
                                };
                            }[];
                        }[];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postEncodingsValidate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    definition: unknown;
                };
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            valid: boolean;
                            problems: {
                                pointer: string;
                                message: string;
                            }[];
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getEntitiesByTypeById: {
        parameters: {
            query?: {
                /** @description Job whose results are read */
                job_id?: string;
                /** @description RFC 3339, or relative to now (2h ago); left out: the last state */
                at?: string;
            };
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                type: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["Snapshot"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getEntitiesByTypeByIdFirst: {
        parameters: {
            query: {
                /** @description Conditions on the state after the event, joined by and: a JSON pointer, an operator (eq ne lt le gt ge exists missing contains matches) and a value, such as /status eq "published" and /price gt 10 */
                where: string;
                /** @description Run that is searched; left out: the newest finished StateRebuild */
                job_id?: string;
                /** @description fold_seq that the event lies behind */
                after?: string;
            };
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                type: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["Snapshot"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getEntitiesByTypeByIdHistory: {
        parameters: {
            query: {
                /** @description Job whose results are read */
                job_id?: string;
                /** @description Entries of a page */
                limit: number;
                /** @description Opaque; `page.next` of the previous page of the same list */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                type: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["Snapshot"][];
                        page: {
                            next: string | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getEntitiesByTypeByIdNextChange: {
        parameters: {
            query: {
                field: string;
                /** @description RFC 3339 time or fold_seq, not included */
                after?: string;
                direction?: "next" | "previous";
                job_id?: string;
            };
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                type: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["Snapshot"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getExportAuditEntries: {
        parameters: {
            query?: {
                /** @description Left out: what Accept asks for, else ndjson */
                format?: "ndjson" | "csv" | "parquet";
                /** @description Only acts of this actor */
                actor?: string;
                /** @description Only this action */
                action?: string;
                /** @description RFC 3339, or relative to now (7d); inclusive */
                from?: string;
                /** @description RFC 3339, or relative to now (7d); inclusive */
                to?: string;
            };
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": unknown;
                    "text/csv": unknown;
                    "application/vnd.apache.parquet": unknown;
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getExportJobs: {
        parameters: {
            query?: {
                /** @description Left out: what Accept asks for, else ndjson */
                format?: "ndjson" | "csv" | "parquet";
                /** @description Only jobs of these statuses, joined by commas */
                status?: string;
                type?: "DryRun" | "StateRebuild" | "DecisionOnly";
                /** @description key=value; only jobs with this label, or with all of them */
                label?: string | string[];
                /** @description Created at or after this time */
                created_from?: string;
                /** @description Created at or before this time */
                created_to?: string;
                created_by?: string;
                /** @description Part of the name, in any case */
                name?: string;
                /** @description Job whose results are read */
                parent_job_id?: string;
                /** @description Jobs whose rows were deleted; without is the default */
                deleted?: "without" | "with" | "only";
            };
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": unknown;
                    "text/csv": unknown;
                    "application/vnd.apache.parquet": unknown;
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getOverview: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            tenant_id: string;
                            jobs: {
                                total: number;
                                by_status: {
                                    [key: string]: number;
                                };
                            };
                            audit_entries: number;
                            last_run: {
                                job_id: string;
                                job_type: string;
                                status: string;
                                /** @description RFC 3339, UTC */
                                created_at: string;
                                completed_at: string | null;
                                events_processed: number;
                                events_failed: number;
                            } | null;
                            failures: {
                                jobs: number;
                                events: number;
                                latest: {
                                    job_id: string;
                                    /** @description RFC 3339, UTC */
                                    failed_at: string;
                                    code: string;
                                    message: string;
                                }[];
                            };
                            throughput: {
                                runs: number;
                                events: number;
                                seconds: number;
                                events_per_second: number | null;
                            };
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReplayJobs: {
        parameters: {
            query: {
                /** @description Entries of a page */
                limit: number;
                /** @description Opaque; `page.next` of the previous page of the same list */
                cursor?: string;
                /** @description Only jobs of these statuses, joined by commas */
                status?: string;
                type?: "DryRun" | "StateRebuild" | "DecisionOnly";
                /** @description key=value; only jobs with this label, or with all of them */
                label?: string | string[];
                /** @description Created at or after this time */
                created_from?: string;
                /** @description Created at or before this time */
                created_to?: string;
                created_by?: string;
                /** @description Part of the name, in any case */
                name?: string;
                /** @description Job whose results are read */
                parent_job_id?: string;
                /** @description Jobs whose rows were deleted; without is the default */
                deleted?: "without" | "with" | "only";
            };
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["ReplayJobRow"][];
                        page: {
                            next: string | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postReplayJobs: {
        parameters: {
            query?: never;
            header?: {
                "idempotency-key"?: string;
            };
            path: {
                /** @description Tenant */
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    job_type: "DryRun" | "StateRebuild" | "DecisionOnly";
                    encoding_version: number;
                    rule_version: number;
                    /** @description Rules whose decisions are compared with; left out: the decisions recorded in the events */
                    baseline_rule_version?: number;
                    /** @description Inclusive; RFC 3339, or relative to now: 30s, 7d, 2h ago */
                    time_range_start: string;
                    /** @description Inclusive; RFC 3339, or relative to now: 30s, 7d, now */
                    time_range_end: string;
                    filters?: {
                        event_type?: string[];
                        severity?: string[];
                        entity_type?: string[];
                        entity_id?: string[];
                    };
                    /** @description auto (default): read from the log just what the archive lacks; archive: never the log; kafka: read the log again */
                    source?: "auto" | "archive" | "kafka";
                    /** @description Sources to read through; others than 1, the configured ones, always read the log again */
                    source_version?: number;
                    topics?: string[];
                    /** @description Finished StateRebuild whose last states the run begins with; its range ends 1 ns before time_range_start */
                    from_snapshot_of?: string;
                    start_offsets?: "auto" | "full";
                    ordering?: "event_time" | "log";
                    snapshots?: "all" | "changed" | "final";
                    on_failure?: "skip" | "stop" | "stop_entity";
                    outputs?: {
                        topics: ("snapshots" | "diffs" | "decisions" | "events")[];
                        /** @description Topics are <prefix>.snapshots, …; left out: the configured prefix */
                        prefix?: string;
                    };
                    /** @description DryRun: what the run is compared with; both are folded in one pass over the same events */
                    baseline?: {
                        encoding_version?: number;
                        rule_version?: number;
                        job_id?: string;
                    };
                    name?: string;
                    reason?: string;
                    /** @description Change or incident it belongs to */
                    ticket?: string;
                    throttle?: {
                        events_per_second?: number | null;
                        bytes_per_second?: number | null;
                    };
                    /** @description Fails with more selected events */
                    max_events?: number;
                    /** @description Fails when the plan has more bytes to read from the log */
                    max_bytes?: number;
                    /** @description Fails with more snapshots */
                    max_rows?: number;
                    /** @description Fails when it has run for longer, such as 90s or 2h; waiting and pauses do not count */
                    max_duration?: string;
                    labels?: {
                        [key: string]: string;
                    };
                };
            };
        };
        responses: {
            /** @description Default Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["ReplayJob"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReplayJobsByJobId: {
        parameters: {
            query?: {
                /** @description Seconds to wait for another status or stage */
                wait?: number;
                /** @description What is known already: status and progress.stage, Running.fold; default: as it is now */
                since?: string;
            };
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["ReplayJob"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteReplayJobsByJobId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["ReplayJob"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReplayJobsByJobIdAnnotations: {
        parameters: {
            query: {
                /** @description Entries of a page */
                limit: number;
                /** @description Opaque; `page.next` of the previous page of the same list */
                cursor?: string;
                /** @description Only those of this person */
                author?: string;
            };
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["Annotation"][];
                        page: {
                            next: string | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReplayJobsByJobIdAnnotationsByAnnotationId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
                annotation_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["Annotation"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteReplayJobsByJobIdAnnotationsByAnnotationId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
                annotation_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["Annotation"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patchReplayJobsByJobIdAnnotationsByAnnotationId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
                annotation_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description notes.textMaxBytes at most */
                    text: string;
                };
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["Annotation"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postReplayJobsByJobIdCancel: {
        parameters: {
            query?: never;
            header?: {
                "idempotency-key"?: string;
            };
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description drop (default): nobody sees the rows of the job from here on; keep: units sealed so far stay readable, as a partial run */
                    rows?: "keep" | "drop";
                };
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["ReplayJob"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReplayJobsByJobIdDeadLetters: {
        parameters: {
            query: {
                kind?: "failed" | "conflict";
                stage?: "decode" | "map" | "fold";
                /** @description Stable error code */
                code?: string;
                topic_id?: string;
                partition?: number;
                /** @description Event time, or record time where there is none, included */
                from?: string;
                /** @description Likewise the end, included */
                to?: string;
                /** @description Entries of a page */
                limit: number;
                /** @description Opaque; `page.next` of the previous page of the same list */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["DeadLetter"][];
                        page: {
                            next: string | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReplayJobsByJobIdDeadLettersByDeadLetterId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
                /** @description Dead letter of the run */
                dead_letter_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["DeadLetter"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReplayJobsByJobIdDeadLettersByDeadLetterIdRecord: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
                /** @description Dead letter of the run */
                dead_letter_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            topic: string;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC, up to nanoseconds
                             */
                            record_time: string;
                            /** @description Of the registry; -1: none */
                            schema_id: number;
                            key: string | null;
                            /** @description false: the bytes of the key were not kept as such */
                            key_kept: boolean;
                            value: string | null;
                            /** @description false: the bytes of the value were not kept as such; see payload */
                            value_kept: boolean;
                            headers: {
                                name: string;
                                value: string | null;
                            }[];
                            payload: unknown | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postReplayJobsByJobIdDeadLettersRedrive: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {unknown} */
                    stage?: "decode" | "map" | "fold";
                    /** @description Stable error code */
                    code?: string;
                    topic_id?: string;
                    partition?: number;
                    /** @description Event time, or record time where there is none, included */
                    from?: string;
                    /** @description Likewise the end, included */
                    to?: string;
                };
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            selected: number;
                            /** @description Can be read now */
                            decoded: number;
                            /** @description Of these, by a redrive before */
                            already: number;
                            /** @description Cannot be read now either */
                            failed: number;
                            /** @description Were read, and failed later: rerun with another encoding */
                            need_rerun: number;
                            failures: {
                                dead_letter_id: string;
                                code: string;
                                error: string;
                            }[];
                            /** @description true: the same request goes on with the others */
                            more: boolean;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReplayJobsByJobIdDecisions: {
        parameters: {
            query: {
                /** @description Entries of a page */
                limit: number;
                /** @description Opaque; `page.next` of the previous page of the same list */
                cursor?: string;
                transition?: "unchanged" | "allow_to_deny" | "deny_to_allow" | "to_undefined" | "to_error" | "changed" | "unrecorded";
            };
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            job_id: string;
                            event_id: string;
                            event_type: string;
                            timestamp: string;
                            entity_type: string;
                            entity_id: string;
                            fold_seq: string;
                            topic_id: string;
                            partition: number;
                            offset: string;
                            /** @description Any JSON; null where now is undefined or error */
                            decision: unknown;
                            error: string | null;
                            /** @description The decision compared with; null where there is no value */
                            before: unknown;
                            before_error: string | null;
                            was: "allow" | "deny" | "other" | "undefined" | "error" | "none";
                            now: "allow" | "deny" | "other" | "undefined" | "error" | "none";
                            transition: "unchanged" | "allow_to_deny" | "deny_to_allow" | "to_undefined" | "to_error" | "changed" | "unrecorded";
                        }[];
                        page: {
                            next: string | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReplayJobsByJobIdEvidence: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-tar": unknown;
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReplayJobsByJobIdExportByList: {
        parameters: {
            query?: {
                /** @description Left out: what Accept asks for, else ndjson */
                format?: "ndjson" | "csv" | "parquet";
                entity_type?: string;
                entity_id?: string;
                event_type?: string;
                /** @description RFC 3339, or relative to now (7d); included */
                from?: string;
                /** @description RFC 3339, or relative to now (7d); included */
                to?: string;
                /** @description Of field-changes: this field alone */
                field?: string;
            };
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
                list: "snapshots" | "timeline" | "field-changes" | "dead-letters" | "decisions" | "differences";
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": unknown;
                    "text/csv": unknown;
                    "application/vnd.apache.parquet": unknown;
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReplayJobsByJobIdOutputs: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["OutputTopic"][];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postReplayJobsByJobIdPause: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["ReplayJob"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postReplayJobsByJobIdPromote: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Why; kept with the promotion */
                    reason?: string;
                    /** @description Also where the run ends before the state that is current */
                    force?: boolean;
                };
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["Promotion"];
                    };
                };
            };
            /** @description Default Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["Promotion"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReplayJobsByJobIdPromotionReview: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["PromotionReview"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReplayJobsByJobIdPromotionReviewEntities: {
        parameters: {
            query: {
                /** @description Of this type alone */
                entity_type?: string;
                change?: "added" | "removed" | "changed";
                /** @description Entities in which this field differs; their changes show it alone */
                field?: string;
                /** @description Entries of a page */
                limit: number;
                /** @description Opaque; `page.next` of the previous page of the same list */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["ReviewedEntity"][];
                        page: {
                            next: string | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postReplayJobsByJobIdRebuild: {
        parameters: {
            query?: never;
            header?: {
                "idempotency-key"?: string;
            };
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["ReplayJob"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReplayJobsByJobIdReport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            job_id: string;
                            status: "Pending" | "Running" | "Paused" | "Complete" | "Failed" | "Cancelled";
                            counters: {
                                [key: string]: number;
                            };
                            events: {
                                event_type: string;
                                entity_type: string;
                                events: number;
                                changed: number;
                                entities: number;
                            }[];
                            entities: {
                                entity_type: string;
                                events: number;
                                changed: number;
                                entities: number;
                            }[];
                            fields: {
                                entity_type: string;
                                field: string;
                                operation: "added" | "modified" | "removed";
                                changes: number;
                                entities: number;
                                samples: {
                                    entity_id: string;
                                    event_id: string;
                                    fold_seq: string;
                                    timestamp: string;
                                    /** @description Value before; null where it is missing, null or cut */
                                    before: unknown;
                                    /** @description Value after; null where it is missing, null or cut */
                                    after: unknown;
                                    /** @description true: a value is too long to be shown here */
                                    cut: boolean;
                                }[];
                            }[];
                            failures: {
                                kind: "failed" | "conflict";
                                stage: string;
                                code: string;
                                count: number;
                                samples: {
                                    kind: "failed" | "conflict";
                                    stage: string;
                                    code: string;
                                    error: string;
                                    event_id: string;
                                    entity_type: string;
                                    entity_id: string;
                                    timestamp: string;
                                    topic_id: string;
                                    partition: number;
                                    offset: string;
                                }[];
                            }[];
                            /** @description true: only the largest groups are listed */
                            cut: boolean;
                            baseline: {
                                encoding_version: number;
                                rule_version: number;
                                job_id: string | null;
                                processed: number;
                                failed: number;
                                skipped: number;
                                totals: {
                                    /** @description On either side: the sum of the others */
                                    entities: number;
                                    unchanged: number;
                                    /** @description End alike, and differed after some event */
                                    history_only: number;
                                    /** @description On both sides, with different last states */
                                    differing: number;
                                    only_a: number;
                                    only_b: number;
                                };
                                signatures: {
                                    /** @description Integer of up to 64 bits as text */
                                    signature: string;
                                    entity_type: string;
                                    /** @description Which side has the entity; a is the baseline or the first run */
                                    presence: "both" | "only_a" | "only_b";
                                    final_differs: boolean;
                                    changes: {
                                        field: string | null;
                                        operation: ("added" | "modified" | "removed") | "ended" | "revived";
                                    }[];
                                    entities: number;
                                    samples: {
                                        entity_type: string;
                                        entity_id: string;
                                        /** @description Integer of up to 64 bits as text */
                                        signature: string;
                                        /** @description Which side has the entity; a is the baseline or the first run */
                                        presence: "both" | "only_a" | "only_b";
                                        /** @description false: ends alike, and differed on the way */
                                        final_differs: boolean;
                                        differences: {
                                            field: string;
                                            operation: "added" | "modified" | "removed";
                                            /** @description Value in a; null where it is missing or null: see operation */
                                            before: unknown;
                                            /** @description Value in b; null where it is missing or null: see operation */
                                            after: unknown;
                                        }[];
                                        events: string | null;
                                        first: {
                                            event_id: string;
                                            event_type: string;
                                            timestamp: string;
                                            topic_id: string;
                                            partition: number;
                                            offset: string;
                                        } | null;
                                    }[];
                                }[];
                            } | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReplayJobsByJobIdReportDifferences: {
        parameters: {
            query: {
                /** @description Entries of a page */
                limit: number;
                /** @description Opaque; `page.next` of the previous page of the same list */
                cursor?: string;
                /** @description Only entities of this change signature */
                signature?: string;
            };
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            entity_type: string;
                            entity_id: string;
                            /** @description Integer of up to 64 bits as text */
                            signature: string;
                            /** @description Which side has the entity; a is the baseline or the first run */
                            presence: "both" | "only_a" | "only_b";
                            /** @description false: ends alike, and differed on the way */
                            final_differs: boolean;
                            differences: {
                                field: string;
                                operation: "added" | "modified" | "removed";
                                /** @description Value in a; null where it is missing or null: see operation */
                                before: unknown;
                                /** @description Value in b; null where it is missing or null: see operation */
                                after: unknown;
                            }[];
                            events: string | null;
                            first: {
                                event_id: string;
                                event_type: string;
                                timestamp: string;
                                topic_id: string;
                                partition: number;
                                offset: string;
                            } | null;
                        }[];
                        page: {
                            next: string | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postReplayJobsByJobIdRerun: {
        parameters: {
            query?: never;
            header?: {
                "idempotency-key"?: string;
            };
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    job_type?: "DryRun" | "StateRebuild" | "DecisionOnly";
                    encoding_version?: number;
                    rule_version?: number;
                    /** @description Rules whose decisions are compared with; left out: the decisions recorded in the events */
                    baseline_rule_version?: number;
                    /** @description Inclusive; RFC 3339, or relative to now: 30s, 7d, 2h ago */
                    time_range_start?: string;
                    /** @description Inclusive; RFC 3339, or relative to now: 30s, 7d, now */
                    time_range_end?: string;
                    filters?: {
                        event_type?: string[];
                        severity?: string[];
                        entity_type?: string[];
                        entity_id?: string[];
                    };
                    /** @description auto (default): read from the log just what the archive lacks; archive: never the log; kafka: read the log again */
                    source?: "auto" | "archive" | "kafka";
                    /** @description Sources to read through; others than 1, the configured ones, always read the log again */
                    source_version?: number;
                    topics?: string[];
                    /** @description Finished StateRebuild whose last states the run begins with; its range ends 1 ns before time_range_start */
                    from_snapshot_of?: string;
                    start_offsets?: "auto" | "full";
                    ordering?: "event_time" | "log";
                    snapshots?: "all" | "changed" | "final";
                    on_failure?: "skip" | "stop" | "stop_entity";
                    outputs?: {
                        topics: ("snapshots" | "diffs" | "decisions" | "events")[];
                        /** @description Topics are <prefix>.snapshots, …; left out: the configured prefix */
                        prefix?: string;
                    };
                    /** @description DryRun: what the run is compared with; both are folded in one pass over the same events */
                    baseline?: {
                        encoding_version?: number;
                        rule_version?: number;
                        job_id?: string;
                    };
                    name?: string;
                    reason?: string;
                    /** @description Change or incident it belongs to */
                    ticket?: string;
                    throttle?: {
                        events_per_second?: number | null;
                        bytes_per_second?: number | null;
                    };
                    /** @description Fails with more selected events */
                    max_events?: number;
                    /** @description Fails when the plan has more bytes to read from the log */
                    max_bytes?: number;
                    /** @description Fails with more snapshots */
                    max_rows?: number;
                    /** @description Fails when it has run for longer, such as 90s or 2h; waiting and pauses do not count */
                    max_duration?: string;
                    labels?: {
                        [key: string]: string;
                    };
                    /** @description With changed fields: read exactly the offsets of the parent all the same */
                    keep_bounds?: boolean;
                };
            };
        };
        responses: {
            /** @description Default Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["ReplayJob"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postReplayJobsByJobIdResume: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["ReplayJob"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReplayJobsByJobIdSnapshots: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": unknown;
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReplayJobsByJobIdSnapshotsByIndex: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
                /** @description 0-based */
                index: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["Snapshot"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReplayJobsByJobIdSnapshotsByIndexAnnotations: {
        parameters: {
            query: {
                /** @description Entries of a page */
                limit: number;
                /** @description Opaque; `page.next` of the previous page of the same list */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
                /** @description 0-based */
                index: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["Annotation"][];
                        page: {
                            next: string | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postReplayJobsByJobIdSnapshotsByIndexAnnotations: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
                /** @description 0-based */
                index: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description notes.textMaxBytes at most */
                    text: string;
                };
            };
        };
        responses: {
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["Annotation"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReplayJobsByJobIdSnapshotsByIndexEvent: {
        parameters: {
            query: {
                /** @description Why; it goes into the audit trail */
                reason: string;
            };
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
                /** @description 0-based */
                index: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["OriginalEvent"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReplayJobsByJobIdStream: {
        parameters: {
            query?: {
                snapshots?: "sampled" | "all";
            };
            header?: {
                /** @description Id of the last event seen; the stream goes on behind it */
                "last-event-id"?: string;
            };
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": unknown;
                };
            };
            /** @description The client has seen the end: no need to connect again */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patchReplayJobsByJobIdThrottle: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    events_per_second?: number | null;
                    bytes_per_second?: number | null;
                };
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["ReplayJob"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReplayJobsByJobIdTimeline: {
        parameters: {
            query: {
                /** @description First index */
                from: number;
                /** @description Entries of a page */
                limit: number;
                /** @description Begin with the first event at or behind this time; RFC 3339, or relative to now (7d) */
                at?: string;
                /** @description No events behind this time; RFC 3339, or relative to now (7d) */
                until?: string;
                /** @description Only entities of this type */
                entity_type?: string;
                /** @description Only entities with this id */
                entity_id?: string;
                /** @description Only events of this type; content.* is all that begin with content. */
                event_type?: string;
                /** @description Only events that changed this field */
                field?: string;
            };
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["TimelineEntry"][];
                        page: {
                            next: number | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReplayJobsByJobIdTimelineFirst: {
        parameters: {
            query: {
                /** @description Conditions on the state after the event, joined by and: a JSON pointer, an operator (eq ne lt le gt ge exists missing contains matches) and a value, such as /status eq "published" and /price gt 10 */
                where: string;
                /** @description Begin with the first event at or behind this time; RFC 3339, or relative to now (7d) */
                at?: string;
                /** @description No events behind this time; RFC 3339, or relative to now (7d) */
                until?: string;
                /** @description Only entities of this type */
                entity_type?: string;
                /** @description Only entities with this id */
                entity_id?: string;
                /** @description Only events of this type; content.* is all that begin with content. */
                event_type?: string;
            };
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["Snapshot"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReplayJobsByJobIdTransitions: {
        parameters: {
            query: {
                /** @description Entries of a page */
                limit: number;
                /** @description Opaque; `page.next` of the previous page of the same list */
                cursor?: string;
                /** @description Decisions shown of each group */
                samples: number;
            };
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            /** @description Decisions of the job; the totals add up to it */
                            decided: number;
                            totals: {
                                allow_to_deny: number;
                                deny_to_allow: number;
                                to_undefined: number;
                                to_error: number;
                                changed: number;
                                unchanged: number;
                                unrecorded: number;
                            };
                            groups: {
                                transition: "unchanged" | "allow_to_deny" | "deny_to_allow" | "to_undefined" | "to_error" | "changed" | "unrecorded";
                                event_type: string;
                                was: "allow" | "deny" | "other" | "undefined" | "error" | "none";
                                now: "allow" | "deny" | "other" | "undefined" | "error" | "none";
                                count: number;
                                samples: {
                                    job_id: string;
                                    event_id: string;
                                    event_type: string;
                                    timestamp: string;
                                    entity_type: string;
                                    entity_id: string;
                                    fold_seq: string;
                                    topic_id: string;
                                    partition: number;
                                    offset: string;
                                    /** @description Any JSON; null where now is undefined or error */
                                    decision: unknown;
                                    error: string | null;
                                    /** @description The decision compared with; null where there is no value */
                                    before: unknown;
                                    before_error: string | null;
                                    was: "allow" | "deny" | "other" | "undefined" | "error" | "none";
                                    now: "allow" | "deny" | "other" | "undefined" | "error" | "none";
                                    transition: "unchanged" | "allow_to_deny" | "deny_to_allow" | "to_undefined" | "to_error" | "changed" | "unrecorded";
                                }[];
                            }[];
                        };
                        page: {
                            next: string | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReplayJobsByJobIdUnits: {
        parameters: {
            query: {
                /** @description Entries of a page */
                limit: number;
                /** @description Opaque; `page.next` of the previous page of the same list */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            /** @enum {unknown} */
                            stage: "collect" | "map" | "fold" | "seal" | "emit" | "settle";
                            /** @description collect: topic/partition */
                            unit: string;
                            /** @enum {unknown} */
                            status: "open" | "held" | "done";
                            /** @description collect: offsets that are there; else 1 once it is done */
                            done: number;
                            /** @description collect: offsets to collect; else 1 */
                            total: number;
                            events: number;
                            rows: number;
                            failed: number;
                            /** @description How often it was begun */
                            attempts: number;
                            worker: string | null;
                            started_at: string | null;
                            last_sign_at: string | null;
                        }[];
                        page: {
                            next: string | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReplayJobsByJobIdVerifications: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            verification_id: string;
                            job_id: string;
                            status: "Pending" | "Running" | "Paused" | "Complete" | "Failed" | "Cancelled";
                            percent: number;
                            /** @description null: not complete */
                            outcome: ("verified" | "differs") | null;
                            entities: number;
                            /** @description Entities whose rows or digests differ */
                            differing: number;
                            run: {
                                units: number;
                                /** @description Events that the store folded by itself */
                                folded_in_store: number;
                                /** @description Integer of up to 64 bits as text */
                                rows: string;
                                /** @description Sum of the digests of all rows */
                                digest: string;
                            };
                            again: {
                                units: number;
                                /** @description Events that the store folded by itself */
                                folded_in_store: number;
                                /** @description Integer of up to 64 bits as text */
                                rows: string;
                                /** @description Sum of the digests of all rows */
                                digest: string;
                            };
                            error: {
                                code: string;
                                message: string;
                            } | null;
                            created_by: string;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC, up to nanoseconds
                             */
                            created_at: string;
                            completed_at: string | null;
                        }[];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReplayJobsByJobIdVerificationsByVerificationId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
                /** @description Job that folds again */
                verification_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            verification_id: string;
                            job_id: string;
                            status: "Pending" | "Running" | "Paused" | "Complete" | "Failed" | "Cancelled";
                            percent: number;
                            /** @description null: not complete */
                            outcome: ("verified" | "differs") | null;
                            entities: number;
                            /** @description Entities whose rows or digests differ */
                            differing: number;
                            run: {
                                units: number;
                                /** @description Events that the store folded by itself */
                                folded_in_store: number;
                                /** @description Integer of up to 64 bits as text */
                                rows: string;
                                /** @description Sum of the digests of all rows */
                                digest: string;
                            };
                            again: {
                                units: number;
                                /** @description Events that the store folded by itself */
                                folded_in_store: number;
                                /** @description Integer of up to 64 bits as text */
                                rows: string;
                                /** @description Sum of the digests of all rows */
                                digest: string;
                            };
                            error: {
                                code: string;
                                message: string;
                            } | null;
                            created_by: string;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC, up to nanoseconds
                             */
                            created_at: string;
                            completed_at: string | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReplayJobsByJobIdVerificationsByVerificationIdEntities: {
        parameters: {
            query: {
                /** @description Entries of a page */
                limit: number;
                /** @description Opaque; `page.next` of the previous page of the same list */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
                /** @description Job that folds again */
                verification_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            entity_type: string;
                            entity_id: string;
                            /** @description Integer of up to 64 bits as text */
                            rows: string;
                            /** @description Integer of up to 64 bits as text */
                            rows_again: string;
                            /** @description First place that differs */
                            fold_seq: string;
                            /** @description Rows at that place; 1 as it should be */
                            here: number;
                            here_again: number;
                            /** @description What differs there beside the fields */
                            columns: string[];
                            differences: {
                                field: string;
                                operation: "added" | "modified" | "removed";
                                /** @description Value in a; null where it is missing or null: see operation */
                                before: unknown;
                                /** @description Value in b; null where it is missing or null: see operation */
                                after: unknown;
                            }[];
                            /** @description true: a value was too long to be kept, and is null here */
                            cut: boolean;
                        }[];
                        page: {
                            next: string | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postReplayJobsByJobIdVerify: {
        parameters: {
            query?: never;
            header?: {
                "idempotency-key"?: string;
            };
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Replay job */
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            verification_id: string;
                            job_id: string;
                            status: "Pending" | "Running" | "Paused" | "Complete" | "Failed" | "Cancelled";
                            percent: number;
                            /** @description null: not complete */
                            outcome: ("verified" | "differs") | null;
                            entities: number;
                            /** @description Entities whose rows or digests differ */
                            differing: number;
                            run: {
                                units: number;
                                /** @description Events that the store folded by itself */
                                folded_in_store: number;
                                /** @description Integer of up to 64 bits as text */
                                rows: string;
                                /** @description Sum of the digests of all rows */
                                digest: string;
                            };
                            again: {
                                units: number;
                                /** @description Events that the store folded by itself */
                                folded_in_store: number;
                                /** @description Integer of up to 64 bits as text */
                                rows: string;
                                /** @description Sum of the digests of all rows */
                                digest: string;
                            };
                            error: {
                                code: string;
                                message: string;
                            } | null;
                            created_by: string;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC, up to nanoseconds
                             */
                            created_at: string;
                            completed_at: string | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postReplayJobsPlan: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    job_type: "DryRun" | "StateRebuild" | "DecisionOnly";
                    encoding_version: number;
                    rule_version: number;
                    /** @description Rules whose decisions are compared with; left out: the decisions recorded in the events */
                    baseline_rule_version?: number;
                    /** @description Inclusive; RFC 3339, or relative to now: 30s, 7d, 2h ago */
                    time_range_start: string;
                    /** @description Inclusive; RFC 3339, or relative to now: 30s, 7d, now */
                    time_range_end: string;
                    filters?: {
                        event_type?: string[];
                        severity?: string[];
                        entity_type?: string[];
                        entity_id?: string[];
                    };
                    /** @description auto (default): read from the log just what the archive lacks; archive: never the log; kafka: read the log again */
                    source?: "auto" | "archive" | "kafka";
                    /** @description Sources to read through; others than 1, the configured ones, always read the log again */
                    source_version?: number;
                    topics?: string[];
                    /** @description Finished StateRebuild whose last states the run begins with; its range ends 1 ns before time_range_start */
                    from_snapshot_of?: string;
                    start_offsets?: "auto" | "full";
                    ordering?: "event_time" | "log";
                    snapshots?: "all" | "changed" | "final";
                    on_failure?: "skip" | "stop" | "stop_entity";
                    outputs?: {
                        topics: ("snapshots" | "diffs" | "decisions" | "events")[];
                        /** @description Topics are <prefix>.snapshots, …; left out: the configured prefix */
                        prefix?: string;
                    };
                    /** @description DryRun: what the run is compared with; both are folded in one pass over the same events */
                    baseline?: {
                        encoding_version?: number;
                        rule_version?: number;
                        job_id?: string;
                    };
                    name?: string;
                    reason?: string;
                    /** @description Change or incident it belongs to */
                    ticket?: string;
                    throttle?: {
                        events_per_second?: number | null;
                        bytes_per_second?: number | null;
                    };
                    /** @description Fails with more selected events */
                    max_events?: number;
                    /** @description Fails when the plan has more bytes to read from the log */
                    max_bytes?: number;
                    /** @description Fails with more snapshots */
                    max_rows?: number;
                    /** @description Fails when it has run for longer, such as 90s or 2h; waiting and pauses do not count */
                    max_duration?: string;
                    labels?: {
                        [key: string]: string;
                    };
                };
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["ReplayPlan"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getRules: {
        parameters: {
            query: {
                /** @description Entries of a page */
                limit: number;
                /** @description Opaque; `page.next` of the previous page of the same list */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            version: number;
                            name: string;
                            /** @description SHA-256 of the canonical definition */
                            hash: string;
                            revises: number | null;
                            note: string;
                            /** @description Empty: built in */
                            created_by: string;
                            created_at: string | null;
                            definition: unknown;
                        }[];
                        page: {
                            next: string | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postRules: {
        parameters: {
            query?: never;
            header?: {
                "idempotency-key"?: string;
            };
            path: {
                /** @description Tenant */
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The encoding, rules or sources */
                    definition: unknown;
                    /** @description Version that this one was made from */
                    revises?: number;
                    /** @description Why */
                    note?: string;
                };
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            version: number;
                            hash: string;
                        };
                    };
                };
            };
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            version: number;
                            hash: string;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getRulesByVersion: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Version number */
                version: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            version: number;
                            name: string;
                            /** @description SHA-256 of the canonical definition */
                            hash: string;
                            revises: number | null;
                            note: string;
                            /** @description Empty: built in */
                            created_by: string;
                            created_at: string | null;
                            definition: unknown;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getRulesByVersionDiffByOther: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Version number */
                version: number;
                /** @description Version number */
                other: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            from: number;
                            to: number;
                            changes: {
                                op: "add" | "remove" | "replace" | "order";
                                /** @description Into the definition, when the changes before have been applied */
                                pointer: string;
                                before?: unknown;
                                after?: unknown;
                            }[];
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postRulesPreview: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description A definition that is not saved */
                    definition?: unknown;
                    version?: number;
                    encoding_version?: number;
                    baseline_rule_version?: number;
                    /** @description Events as POST audit-events takes them */
                    events?: unknown[];
                    /** @description So many of the newest archived ones */
                    newest?: number;
                };
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            /** @description Place among the samples */
                            index: number;
                            event_id: string;
                            event_type: string;
                            timestamp: string;
                            outcome: "folded" | "skipped" | "failed" | "duplicate";
                            rule: {
                                index: number;
                                match: string;
                            } | null;
                            entities: {
                                entity_type: string;
                                entity_id: string;
                                tracked: {
                                    field: string;
                                    /** @description Absent: nothing was found */
                                    value?: unknown;
                                }[];
                                operations: {
                                    op: string;
                                    field: string;
                                    /** @description Absent: nothing was found */
                                    value?: unknown;
                                }[];
                                error: string | null;
                                exists: boolean;
                                state_before: unknown;
                                state_after: unknown;
                                diff: unknown;
                                decision?: {
                                    decision: unknown;
                                    error: string | null;
                                    before: unknown;
                                    was: "allow" | "deny" | "other" | "undefined" | "error" | "none";
                                    now: "allow" | "deny" | "other" | "undefined" | "error" | "none";
                                    transition: "unchanged" | "allow_to_deny" | "deny_to_allow" | "to_undefined" | "to_error" | "changed" | "unrecorded";
                                };
                            }[];
                        }[];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postRulesValidate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    definition: unknown;
                };
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            valid: boolean;
                            problems: {
                                pointer: string;
                                message: string;
                            }[];
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSources: {
        parameters: {
            query: {
                /** @description Entries of a page */
                limit: number;
                /** @description Opaque; `page.next` of the previous page of the same list */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            version: number;
                            name: string;
                            /** @description SHA-256 of the canonical definition */
                            hash: string;
                            revises: number | null;
                            note: string;
                            /** @description Empty: built in */
                            created_by: string;
                            created_at: string | null;
                            definition: unknown;
                        }[];
                        page: {
                            next: string | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postSources: {
        parameters: {
            query?: never;
            header?: {
                "idempotency-key"?: string;
            };
            path: {
                /** @description Tenant */
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The encoding, rules or sources */
                    definition: unknown;
                    /** @description Version that this one was made from */
                    revises?: number;
                    /** @description Why */
                    note?: string;
                };
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            version: number;
                            hash: string;
                        };
                    };
                };
            };
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            version: number;
                            hash: string;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSourcesByVersion: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Version number */
                version: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            version: number;
                            name: string;
                            /** @description SHA-256 of the canonical definition */
                            hash: string;
                            revises: number | null;
                            note: string;
                            /** @description Empty: built in */
                            created_by: string;
                            created_at: string | null;
                            definition: unknown;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSourcesByVersionDiffByOther: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                /** @description Version number */
                version: number;
                /** @description Version number */
                other: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            from: number;
                            to: number;
                            changes: {
                                op: "add" | "remove" | "replace" | "order";
                                /** @description Into the definition, when the changes before have been applied */
                                pointer: string;
                                before?: unknown;
                                after?: unknown;
                            }[];
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postSourcesPreview: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description A definition that is not saved */
                    definition?: unknown;
                    version?: number;
                    /** @description Source of the definition; left out: that of the topic */
                    source?: string;
                    records?: {
                        /** @description A JSON record */
                        value?: unknown;
                        /** @description The bytes of any record */
                        value_base64?: string;
                        key?: string;
                        headers?: {
                            [key: string]: string;
                        };
                        topic?: string;
                        /** @description RFC 3339; left out: 1970 */
                        record_time?: string;
                    }[];
                    /** @description So many of the newest archived ones */
                    newest?: number;
                };
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            index: number;
                            topic: string;
                            /** @description The event as rules see it; null: none */
                            event: unknown;
                            code: string | null;
                            error: string | null;
                        }[];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postSourcesValidate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    definition: unknown;
                };
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            valid: boolean;
                            problems: {
                                pointer: string;
                                message: string;
                            }[];
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getWebhooks: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["Webhook"][];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postWebhooks: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description What it is for */
                    name: string;
                    /** @description https, of a public host */
                    url: string;
                    /** @description Left out: all */
                    events?: ("job.completed" | "job.failed" | "job.paused" | "job.cancelled")[];
                    /** @description Only jobs of these types; empty: of all */
                    job_types?: ("DryRun" | "StateRebuild" | "DecisionOnly")[];
                    /** @description Only jobs that carry all of these labels */
                    labels?: {
                        [key: string]: string;
                    };
                    enabled?: boolean;
                };
            };
        };
        responses: {
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            webhook_id: string;
                            name: string;
                            url: string;
                            events: ("job.completed" | "job.failed" | "job.paused" | "job.cancelled")[];
                            job_types: ("DryRun" | "StateRebuild" | "DecisionOnly")[];
                            labels: {
                                [key: string]: string;
                            };
                            enabled: boolean;
                            created_by: string;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC, up to nanoseconds
                             */
                            created_at: string;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC, up to nanoseconds
                             */
                            changed_at: string;
                            /** @description Signs messages; shown this once */
                            secret: string;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getWebhooksByWebhookId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["Webhook"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteWebhooksByWebhookId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["Webhook"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patchWebhooksByWebhookId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description What it is for */
                    name?: string;
                    /** @description https, of a public host */
                    url?: string;
                    /** @description Left out: all */
                    events?: ("job.completed" | "job.failed" | "job.paused" | "job.cancelled")[];
                    /** @description Only jobs of these types; empty: of all */
                    job_types?: ("DryRun" | "StateRebuild" | "DecisionOnly")[];
                    /** @description Only jobs that carry all of these labels */
                    labels?: {
                        [key: string]: string;
                    };
                    enabled?: boolean;
                };
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["Webhook"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getWebhooksByWebhookIdDeliveries: {
        parameters: {
            query: {
                /** @description Entries of a page */
                limit: number;
                /** @description Opaque; `page.next` of the previous page of the same list */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["WebhookDelivery"][];
                        page: {
                            next: string | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postWebhooksByWebhookIdDeliveriesByDeliveryIdRedeliver: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                webhook_id: string;
                delivery_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["WebhookDelivery"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postWebhooksByWebhookIdTest: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant */
                tenant_id: string;
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["WebhookDelivery"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getV1Bundles: {
        parameters: {
            query: {
                /** @description Entries of a page */
                limit: number;
                /** @description Opaque; `page.next` of the previous page of the same list */
                cursor?: string;
            };
            header?: {
                /** @description Which tenant, for callers that belong to several */
                "x-tenant-id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["Bundle"][];
                        page: {
                            next: string | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getV1BundlesByRevision: {
        parameters: {
            query?: never;
            header?: {
                /** @description Which tenant, for callers that belong to several */
                "x-tenant-id"?: string;
            };
            path: {
                /** @description As decision logs name it */
                revision: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            revision: string;
                            /** @description SHA-256 of Rego version, modules and data */
                            hash: string;
                            rego_version: 0 | 1;
                            created_by: string;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC, up to nanoseconds
                             */
                            created_at: string;
                            /** @description Rego by path */
                            modules: {
                                [key: string]: string;
                            };
                            /** @description Any JSON; numbers keep every digit */
                            data: unknown;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    putV1BundlesByRevision: {
        parameters: {
            query?: never;
            header?: {
                /** @description Which tenant, for callers that belong to several */
                "x-tenant-id"?: string;
            };
            path: {
                /** @description As decision logs name it */
                revision: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Rego by path */
                    modules: {
                        [key: string]: string;
                    };
                    /** @description The data document, an object */
                    data?: unknown;
                    rego_version?: 0 | 1;
                };
                "application/gzip": unknown;
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            revision: string;
                            hash: string;
                        };
                    };
                };
            };
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            revision: string;
                            hash: string;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getV1Logreplay: {
        parameters: {
            query: {
                /** @description Entries of a page */
                limit: number;
                /** @description Opaque; `page.next` of the previous page of the same list */
                cursor?: string;
            };
            header?: {
                /** @description Which tenant, for callers that belong to several */
                "x-tenant-id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["LogReplayJob"][];
                        page: {
                            next: string | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postV1Logreplay: {
        parameters: {
            query?: {
                /** @description true: all of the log, as a job that Location names; duration does not count */
                async?: "true" | "false";
            };
            header?: {
                /** @description Which tenant, for callers that belong to several */
                "x-tenant-id"?: string;
                /** @description With async: the same key makes one job */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Time of the analysis, as 10s; left out or below zero: the default */
                    duration?: string;
                    /** @description Samples of changes to return, at most */
                    max_samples?: number;
                    /** @description analyzed_batches of former answers */
                    skip_batches?: string[];
                    /** @description Rego by the path of the file or package that it replaces */
                    policies?: {
                        [key: string]: string;
                    };
                    /** @description JSON Patch (RFC 6902) for the data; `add` makes objects that are missing */
                    data_patches?: {
                        /** @enum {unknown} */
                        op: "add" | "remove" | "replace" | "move" | "copy" | "test";
                        /** @description JSON pointer */
                        path: string;
                        /** @description JSON pointer */
                        from?: string;
                        value?: unknown;
                    }[];
                    /** @description JSON Patch (RFC 6902) for each decision, before it is replayed; `add` makes objects that are missing */
                    decision_patches?: {
                        /** @enum {unknown} */
                        op: "add" | "remove" | "replace" | "move" | "copy" | "test";
                        /** @description JSON pointer */
                        path: string;
                        /** @description JSON pointer */
                        from?: string;
                        value?: unknown;
                    }[];
                    /** @description Compare whole results, not only logReplay.significantFields */
                    compare_full_results?: boolean;
                    /** @description Evaluate equal inputs once (default true) */
                    deterministic_policies?: boolean;
                    /** @description Empty: all decisions */
                    scope?: {
                        /** @description Decisions below this path, or above it: then their results are narrowed to it */
                        path?: string;
                        /** @description Revisions [current - max_revisions .. current], by when decisions named them last */
                        max_revisions?: number;
                        /** @description Not older: relative (30s) or RFC 3339 */
                        max_age?: string;
                        /** @description Not newer: relative (30s) or RFC 3339 */
                        min_age?: string;
                    }[];
                    /** @description Default: the bundle's */
                    rego_version?: 0 | 1;
                    /** @description Places in decisions, as /input/user: changes are counted by value */
                    affected_by?: string[];
                };
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        result: components["schemas"]["LogReplayResult"];
                    };
                };
            };
            /** @description Default Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["LogReplayJob"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getV1LogreplayByReplayId: {
        parameters: {
            query?: never;
            header?: {
                /** @description Which tenant, for callers that belong to several */
                "x-tenant-id"?: string;
            };
            path: {
                /** @description Id of a log replay */
                replay_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            replay_id: string;
                            /** @enum {unknown} */
                            status: "Pending" | "Running" | "Complete" | "Failed" | "Cancelled";
                            /** @description Of the offsets that were frozen */
                            percent: number;
                            /** @description Integer of up to 64 bits as text */
                            offsets_done: string;
                            /** @description Integer of up to 64 bits as text */
                            offsets_total: string;
                            entries_observed: number;
                            entries_scheduled: number;
                            results_changed: number;
                            entries_failed: number;
                            held_by: ("pause" | "turn") | null;
                            error: {
                                code: string;
                                message: string;
                            } | null;
                            created_by: string;
                            /**
                             * Format: date-time
                             * @description RFC 3339, UTC, up to nanoseconds
                             */
                            created_at: string;
                            ended_at: string | null;
                            result: components["schemas"]["LogReplayResult"] | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteV1LogreplayByReplayId: {
        parameters: {
            query?: never;
            header?: {
                /** @description Which tenant, for callers that belong to several */
                "x-tenant-id"?: string;
            };
            path: {
                /** @description Id of a log replay */
                replay_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["LogReplayJob"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postV1LogreplayByReplayIdCancel: {
        parameters: {
            query?: never;
            header?: {
                /** @description Which tenant, for callers that belong to several */
                "x-tenant-id"?: string;
            };
            path: {
                /** @description Id of a log replay */
                replay_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: components["schemas"]["LogReplayJob"];
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getV1LogreplayByReplayIdDecisions: {
        parameters: {
            query: {
                /** @description Entries of a page */
                limit: number;
                /** @description Opaque; `page.next` of the previous page of the same list */
                cursor?: string;
                transition?: "unchanged" | "allow_to_deny" | "deny_to_allow" | "to_undefined" | "to_error" | "changed" | "unrecorded";
            };
            header?: {
                /** @description Which tenant, for callers that belong to several */
                "x-tenant-id"?: string;
            };
            path: {
                /** @description Id of a log replay */
                replay_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        success: true;
                        data: {
                            job_id: string;
                            event_id: string;
                            event_type: string;
                            timestamp: string;
                            entity_type: string;
                            entity_id: string;
                            fold_seq: string;
                            topic_id: string;
                            partition: number;
                            offset: string;
                            /** @description Any JSON; null where now is undefined or error */
                            decision: unknown;
                            error: string | null;
                            /** @description The decision compared with; null where there is no value */
                            before: unknown;
                            before_error: string | null;
                            was: "allow" | "deny" | "other" | "undefined" | "error" | "none";
                            now: "allow" | "deny" | "other" | "undefined" | "error" | "none";
                            transition: "unchanged" | "allow_to_deny" | "deny_to_allow" | "to_undefined" | "to_error" | "changed" | "unrecorded";
                        }[];
                        page: {
                            next: string | null;
                        };
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getV1LogreplayByReplayIdStream: {
        parameters: {
            query?: never;
            header?: {
                /** @description Id of the last event seen; the stream goes on behind it */
                "last-event-id"?: string;
            };
            path: {
                /** @description Id of a log replay */
                replay_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": unknown;
                };
            };
            /** @description The client has seen the end: no need to connect again */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getVersion: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        name: string;
                        version: string;
                        node: string;
                    };
                };
            };
            /** @description What went wrong, as a problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
